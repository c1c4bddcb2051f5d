/** The S3 store against a real S3 server. */
@NullMarked
package io.kveik.server.tier.s3;

import org.jspecify.annotations.NullMarked;
