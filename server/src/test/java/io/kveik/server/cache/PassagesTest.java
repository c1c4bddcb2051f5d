package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import org.junit.jupiter.api.Test;

class PassagesTest {
  private static final BlockRef BLOCK =
      new BlockRef(EngineFixture.NAMESPACE, new BlockKey(1, 2, 3, 4));

  private final Passages passages = new Passages();

  @Test
  void whoSharesAPassageSharesItsEnd() {
    Passages.Passage carried = passages.open(BLOCK);
    passages.delete(BLOCK).close();
    try (Passages.Passage shared = carried.share();
        Passages.Passage anew = passages.open(BLOCK)) {
      assertThat(shared.ended()).isTrue();
      assertThat(anew.ended()).isFalse();
    }
    carried.close();
    assertThat(passages.count()).isZero();
  }

  @Test
  void aPassageIsOpenUntilAllWhoShareItHaveClosedIt() {
    Passages.Passage carried = passages.open(BLOCK);
    Passages.Passage shared = carried.share();
    carried.close();
    assertThat(passages.count()).isEqualTo(1);
    passages.delete(BLOCK).close();
    assertThat(shared.ended()).isTrue();
    shared.close();
    assertThat(passages.count()).isZero();
  }
}
