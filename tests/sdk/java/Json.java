/* Json: what a test says, as one line. */
import java.util.Map;
import software.amazon.awssdk.protocols.jsoncore.JsonWriter;

final class Json {
    private Json() {
    }

    private static void write(JsonWriter out, Object value) {
        if (value instanceof Map) {
            out.writeStartObject();
            ((Map<?, ?>) value).forEach((name, one) -> write(out.writeFieldName(name.toString()), one));
            out.writeEndObject();
        } else if (value instanceof Iterable) {
            out.writeStartArray();
            ((Iterable<?>) value).forEach(one -> write(out, one));
            out.writeEndArray();
        } else if (value instanceof Boolean) {
            out.writeValue((boolean) value);
        } else if (value instanceof Number) {
            out.writeNumber(value.toString());
        } else if (value == null) {
            out.writeNull();
        } else {
            out.writeValue(value.toString());
        }
    }

    static String written(Object value) {
        JsonWriter out = JsonWriter.create();

        write(out, value);
        return new String(out.getBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
}
