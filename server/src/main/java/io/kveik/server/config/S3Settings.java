package io.kveik.server.config;

import static io.kveik.server.config.Setting.Kind.MILLIS;
import static io.kveik.server.config.Setting.choice;
import static io.kveik.server.config.Setting.number;
import static io.kveik.server.config.Setting.text;

import java.util.List;

/** The settings of {@code object.store=s3}. */
public final class S3Settings {
  private static final long HOUR_MILLIS = 60L * 60 * 1000;

  public static final Setting BUCKET =
      text("s3.bucket", "", "Bucket of the blocks, which exists; needed with object.store=s3.")
          .mapping("keys begin with RESOURCE/CONTAINER/");
  public static final Setting ENDPOINT =
      text("s3.endpoint", "", "URL of an S3-compatible store; empty: AWS, by region.");
  public static final Setting REGION =
      text("s3.region", "us-east-1", "Region of the bucket, or what signatures name instead.");
  public static final Setting PATH_STYLE =
      choice(
              "s3.path-style",
              "auto",
              List.of("auto", "on", "off"),
              "The bucket in the path instead of the host name.")
          .mapping("auto: on where s3.endpoint is set");
  public static final Setting CREDENTIALS_FILE =
      text(
              "s3.credentials-file",
              "",
              "Keys, in the format of ~/.aws/credentials; empty: as the AWS SDK finds them.")
          .mapping("empty: environment, profile files, web identity, container and instance role");
  public static final Setting PROFILE = text("s3.profile", "default", "Profile in that file.");
  public static final Setting CONNECT_MILLIS =
      number(
          "s3.connect-millis",
          MILLIS,
          "1000",
          1,
          HOUR_MILLIS,
          "Making a connection, TLS included.");

  static final List<Setting> ALL =
      List.of(BUCKET, ENDPOINT, REGION, PATH_STYLE, CREDENTIALS_FILE, PROFILE, CONNECT_MILLIS);

  private S3Settings() {}
}
