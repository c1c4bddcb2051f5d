@NullMarked
package io.kveik.server.tier.object.presence;

import org.jspecify.annotations.NullMarked;
