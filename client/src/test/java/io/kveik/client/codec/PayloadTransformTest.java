package io.kveik.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTransformTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "fp32", "float32", "float", "f32", "torch.float32"})
  void whateverFp32IsCalledTheStoredDtypeIsOne(String dtype) {
    assertThat(PayloadTransform.lowerTo(Precision.FP16).storedDtype(dtype))
        .isEqualTo("fp16;from=fp32");
    assertThat(PayloadTransform.lowerTo(Precision.FP8_E4M3).andGzip().storedDtype(dtype))
        .isEqualTo("gzip;fp8_e4m3;from=fp32");
  }

  @Test
  void withoutLoweringTheDtypeStaysWithinIt() {
    assertThat(PayloadTransform.none().storedDtype("bf16")).isEqualTo("bf16");
    assertThat(PayloadTransform.none().andGzip().storedDtype("bf16")).isEqualTo("gzip;bf16");
  }

  @Test
  void onlyFp32CanBeLowered() {
    assertThatThrownBy(() -> PayloadTransform.lowerTo(Precision.BF16).storedDtype("fp16"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dtype: \"fp16\", must be fp32 to be lowered to bf16");
  }
}
