package io.kveik.server.rpc.call;

import com.google.protobuf.ByteString;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.Model;
import io.kveik.server.block.TtlKind;
import io.kveik.wire.nativev1.Namespace;
import java.util.ArrayList;
import java.util.List;

/** What the fields must be that requests of all native services have. Stateless, any thread. */
public final class NativeFields {
  private NativeFields() {}

  /** The names of a namespace, whatever its model. */
  public static void checkNames(Namespace namespace) throws BadRequest {
    requiredName("namespace.resource", namespace.getResource());
    requiredName("namespace.container", namespace.getContainer());
    if (!namespace.getPartition().isEmpty()) {
      name("namespace.partition", namespace.getPartition());
    }
  }

  public static Model model(io.kveik.wire.nativev1.Model model) throws BadRequest {
    int blockTokens = model.getBlockTokens();
    if (blockTokens < 1 || blockTokens > Model.MAX_BLOCK_TOKENS) {
      throw BadRequest.of(
          "namespace.model.block_tokens",
          Integer.toUnsignedString(blockTokens),
          "1 to " + Model.MAX_BLOCK_TOKENS);
    }
    return new Model(
        text("name", model.getName()),
        text("revision", model.getRevision()),
        text("dtype", model.getDtype()),
        text("layout", model.getLayout()),
        text("parallelism", model.getParallelism()),
        text("adapter", model.getAdapter()),
        blockTokens);
  }

  /**
   * @param most ids that may be in one request
   */
  public static List<BlockId> ids(String field, List<ByteString> ids, int most) throws BadRequest {
    checkCount(field, ids.size(), most);
    List<BlockId> checked = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      checked.add(id(field, i, ids.get(i)));
    }
    return checked;
  }

  /**
   * @param code the kind's number, as it came
   */
  public static TtlKind ttlKind(String field, io.kveik.wire.nativev1.TtlKind kind, int code)
      throws BadRequest {
    return switch (kind) {
      case TTL_KIND_UNSPECIFIED, TTL_KIND_ABSOLUTE -> TtlKind.ABSOLUTE;
      case TTL_KIND_LAST_USE -> TtlKind.LAST_USE;
      case TTL_KIND_FIRST_USE -> TtlKind.FIRST_USE;
      case UNRECOGNIZED -> throw BadRequest.of(field, code, "0 to 3");
    };
  }

  /** The id of an element of a list, whose own name is spelt out only for a refusal. */
  public static BlockId id(String list, int index, ByteString id) throws BadRequest {
    if (!BlockId.legalLength(id.size())) {
      throw illegalId("%s[%d].id".formatted(list, index), id);
    }
    return BlockId.transfer(id.toByteArray());
  }

  public static BlockId id(String field, ByteString id) throws BadRequest {
    if (!BlockId.legalLength(id.size())) {
      throw illegalId(field, id);
    }
    return BlockId.transfer(id.toByteArray());
  }

  private static BadRequest illegalId(String field, ByteString id) {
    return id.isEmpty()
        ? BadRequest.missing(field)
        : BadRequest.of(
            field,
            id.size() + " bytes",
            "%d to %d bytes".formatted(BlockId.MIN_BYTES, BlockId.MAX_BYTES));
  }

  /** At least one, and no more than may be in one request. */
  public static void checkCount(String field, int count, int most) throws BadRequest {
    if (count == 0) {
      throw BadRequest.missing(field);
    }
    if (count > most) {
      throw BadRequest.of(field, count + " of them", "at most " + most);
    }
  }

  private static void requiredName(String field, String name) throws BadRequest {
    if (name.isEmpty()) {
      throw BadRequest.missing(field);
    }
    name(field, name);
  }

  private static void name(String field, String name) throws BadRequest {
    if (!Names.legal(name)) {
      throw BadRequest.ofText(field, name, "[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    }
  }

  private static String text(String field, String text) throws BadRequest {
    if (text.length() > Model.MAX_TEXT_LENGTH) {
      throw BadRequest.of(
          "namespace.model." + field,
          text.length() + " characters",
          "at most " + Model.MAX_TEXT_LENGTH);
    }
    if (!Model.isText(text)) {
      throw BadRequest.ofText("namespace.model." + field, text, "without control characters");
    }
    return text;
  }
}
