/** What the tiers on this machine's disks share: the right to a directory, and an orderly end. */
@NullMarked
package io.kveik.server.tier.local;

import org.jspecify.annotations.NullMarked;
