@NullMarked
package io.kveik.server.tier.nvme;

import org.jspecify.annotations.NullMarked;
