/** Any S3-compatible store by the AWS SDK; the only package that knows the SDK's types. */
@NullMarked
package io.kveik.server.tier.s3;

import org.jspecify.annotations.NullMarked;
