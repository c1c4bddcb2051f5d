package io.kveik.server.cli;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.EncodingType;
import io.kveik.client.KveikClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command's tokens come from; all of them are checked before anything is sent. */
final class TokenOptions {
  /** The most that a server can be configured to take in one lookup. */
  static final int MAX_TOKENS = 16_777_216;

  /** Largest input: text, or a file of numbers. */
  static final int MAX_INPUT_BYTES = 256 << 20;

  @Option(names = "--tokens", paramLabel = "N,N,...", description = "The token ids themselves.")
  private @Nullable String tokens;

  @Option(
      names = "--tokens-file",
      paramLabel = "FILE",
      description = "File of token ids, one per line or separated by commas.")
  private @Nullable Path tokensFile;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "UTF-8 text, tokenised with cl100k_base; - is standard input.")
  private @Nullable String text;

  /** Whether any of them is given. */
  boolean given() {
    return tokens != null || tokensFile != null || text != null;
  }

  /**
   * The tokens.
   *
   * @throws CommandException when they are none, too many, or no tokens
   */
  long[] read() {
    int sources = (tokens == null ? 0 : 1) + (tokensFile == null ? 0 : 1) + (text == null ? 0 : 1);
    if (sources != 1) {
      throw CommandException.usage("give one of --tokens, --tokens-file and --text");
    }
    long[] read;
    if (tokens != null) {
      read = parse("--tokens", tokens);
    } else if (tokensFile != null) {
      read = parse("--tokens-file", utf8("--tokens-file", tokensFile.toString()));
    } else {
      read = tokenise(utf8("--text", String.valueOf(text)));
    }
    if (read.length == 0) {
      throw CommandException.usage("no tokens given");
    }
    checkCount(read.length);
    return read;
  }

  /** As {@link #read}, and at least one whole block of them. */
  long[] readBlocks() {
    long[] read = read();
    if (read.length < KveikClient.BLOCK_TOKENS) {
      throw CommandException.usage(
          "%d tokens are less than one block, which has %d"
              .formatted(read.length, KveikClient.BLOCK_TOKENS));
    }
    return read;
  }

  private static void checkCount(int count) {
    if (count > MAX_TOKENS) {
      throw CommandException.usage("more than " + MAX_TOKENS + " tokens");
    }
  }

  private static long[] parse(String option, String numbers) {
    long[] parsed = new long[KveikClient.BLOCK_TOKENS];
    int count = 0;
    StringTokenizer words = new StringTokenizer(numbers, ", \t\r\n");
    while (words.hasMoreTokens()) {
      checkCount(count + 1);
      if (count == parsed.length) {
        parsed = Arrays.copyOf(parsed, 2 * count);
      }
      parsed[count] = token(option, count, words.nextToken());
      count++;
    }
    return Arrays.copyOf(parsed, count);
  }

  private static long token(String option, int index, String word) {
    try {
      long token = Long.parseLong(word);
      if (token >= 0) {
        return token;
      }
    } catch (NumberFormatException e) {
      // Falls through to the message, which both cases share.
    }
    String shown = word.length() > 40 ? word.substring(0, 40) + "..." : word;
    throw CommandException.usage(
        "%s: token %d is '%s', must be a number from 0 to %d"
            .formatted(option, index, shown, Long.MAX_VALUE));
  }

  /** Loads the vocabulary, which takes a moment: only here. */
  private static long[] tokenise(String content) {
    int[] ids =
        Encodings.newLazyEncodingRegistry()
            .getEncoding(EncodingType.CL100K_BASE)
            .encodeOrdinary(content)
            .toArray();
    return Arrays.stream(ids).asLongStream().toArray();
  }

  /** The content of a file, or of standard input for "-". */
  private static String utf8(String option, String file) {
    try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
      byte[] bytes = in.readNBytes(MAX_INPUT_BYTES + 1);
      if (bytes.length > MAX_INPUT_BYTES) {
        throw CommandException.usage(option + ": more than " + MAX_INPUT_BYTES + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw CommandException.usage(option + ": " + file + " is not UTF-8");
    } catch (IOException e) {
      throw CommandException.usage(option + ": can't read " + file + " (" + e + ")");
    }
  }
}
