package io.kveik.server.block;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementTypeTest {
  @ParameterizedTest
  @CsvSource({
    "bf16, BF16",
    "BFloat16, BF16",
    "torch.bfloat16, BF16",
    "half, FP16",
    "float16, FP16",
    "' fp16 ', FP16",
    "fp16;from=fp32, FP16",
    "torch.float32, FP32",
    "float, FP32",
    "fp8, FP8",
    "fp8_e4m3, FP8",
    "torch.float8_e4m3fn, FP8",
    "float8_e5m2fnuz, FP8",
    "fp8-e5m2, FP8",
    "'', UNDECLARED",
    "int8, UNDECLARED",
    "fp8_e4m3+lora, UNDECLARED",
    "gzip;fp16;from=fp32, UNDECLARED",
    ";bf16, UNDECLARED",
  })
  void readsWhatEnginesWrite(String dtype, ElementType expected) {
    assertThat(ElementType.of(dtype)).isEqualTo(expected);
    assertThat(new Model("m", "", dtype, "", "", "", 16).elementType()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void codesComeBack(ElementType type) {
    assertThat(ElementType.ofCode(type.code())).isEqualTo(type);
  }

  @Test
  void anUnknownCodeIsUndeclared() {
    assertThat(ElementType.ofCode(5)).isEqualTo(ElementType.UNDECLARED);
    assertThat(ElementType.ofCode(255)).isEqualTo(ElementType.UNDECLARED);
  }
}
