package io.kveik.bench.movement;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.fs.FsTier;
import io.kveik.server.tier.fs.FsTierOptions;
import io.kveik.server.tier.nvme.NvmeOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.nio.file.Path;

/** The tier below memory that is read and written. */
public enum DiskTier {
  /** A file for each block, through the page cache, synced. */
  FS {
    @Override
    CacheEngine.Below open(Path directory, long bytes, Clock clock) throws IOException {
      return new CacheEngine.Below(
          FsTier.open(directory, FsTierOptions.of(bytes, clock.wallMillis())),
          AckLevel.SHARED,
          bytes);
    }
  },
  /** A log of segments, past the page cache where the disk allows it, synced. */
  NVME {
    @Override
    CacheEngine.Below open(Path directory, long bytes, Clock clock) throws IOException {
      NvmeTier tier = NvmeTier.open(directory, NvmeOptions.of(bytes), clock);
      if (!tier.status().down().isEmpty()) {
        throw new IOException(tier.status().down());
      }
      return new CacheEngine.Below(tier, AckLevel.LOCAL, bytes);
    }
  };

  /** Opens an empty one with room for so many bytes. */
  abstract CacheEngine.Below open(Path directory, long bytes, Clock clock) throws IOException;
}
