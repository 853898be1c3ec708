/* Client: asks with the AWS SDK for Java, version 2, what comes in as JSON lines, and says what came back. Everything but the
 * parameters of a call comes from the environment, as in anybody's function. */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretsRequest;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretsResponse;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerResponse;
import software.amazon.awssdk.utils.builder.Buildable;

final class Client {
    private static final String MODEL = "software.amazon.awssdk.services.secretsmanager.model.";
    private static final JsonNodeParser PARSER = JsonNode.parser();

    private final Watch watch = new Watch();
    private final SecretsManagerClient client = watch.client();

    private static Object given(SdkField<?> field, JsonNode value) {
        MarshallingType<?> type = field.marshallingType();

        if (type == MarshallingType.LIST) {
            SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
            return value.asArray().stream().map(one -> given(member, one)).collect(Collectors.toList());
        }
        if (type == MarshallingType.SDK_POJO)
            return filled(field.constructor().get(), value);
        if (type == MarshallingType.SDK_BYTES)
            return SdkBytes.fromByteArray(Base64.getDecoder().decode(value.field("$bytes").get().asString()));
        if (type == MarshallingType.BOOLEAN)
            return value.asBoolean();
        if (type == MarshallingType.LONG)
            return Long.valueOf(value.asNumber());
        return type == MarshallingType.INTEGER ? Integer.valueOf(value.asNumber()) : value.asString();
    }

    /** A structure of the SDK, its members called as the model calls them. */
    private static Object filled(SdkPojo builder, JsonNode members) {
        members.asObject().forEach((name, value) -> {
            SdkField<?> field = builder.sdkFieldNameToField().get(name);
            if (field == null)
                throw new IllegalArgumentException("no member " + name + " in " + builder.getClass());
            field.set(builder, given(field, value));
        });
        return ((Buildable) builder).build();
    }

    private static Object request(String operation, JsonNode parameters) throws ReflectiveOperationException {
        Class<?> type = Class.forName(MODEL + operation + "Request");
        return filled((SdkPojo) type.getMethod("builder").invoke(null), parameters);
    }

    private static Object toldMembers(SdkPojo structure) {
        Map<String, Object> members = new LinkedHashMap<>();

        for (SdkField<?> field : structure.sdkFields()) {
            Object value = field.getValueOrDefault(structure);
            // What is absent comes as a list or map of a kind of its own.
            if (value != null && !(value instanceof SdkAutoConstructList) && !(value instanceof SdkAutoConstructMap))
                members.put(field.memberName(), told(value));
        }
        return members;
    }

    private static Object told(Object value) {
        if (value instanceof SdkPojo)
            return toldMembers((SdkPojo) value);
        if (value instanceof List)
            return ((List<?>) value).stream().map(Client::told).collect(Collectors.toList());
        if (value instanceof SdkBytes)
            return Map.of("$bytes", Base64.getEncoder().encodeToString(((SdkBytes) value).asByteArray()));
        return value instanceof Instant ? Map.of("$moment", ((Instant) value).toEpochMilli()) : value;
    }

    private Map<String, Object> answer(Object reply, SecretsManagerResponse first) {
        Map<String, Object> said = new LinkedHashMap<>();

        said.put("reply", reply);
        said.put("status", first.sdkHttpResponse().statusCode());
        said.put("id", first.responseMetadata().requestId());
        return said;
    }

    private Map<String, Object> refused(AwsServiceException error) {
        Map<String, Object> said = new LinkedHashMap<>();

        said.put("code", error.awsErrorDetails().errorCode());
        said.put("message", error.awsErrorDetails().errorMessage());
        said.put("status", error.statusCode());
        said.put("id", error.requestId());
        return said;
    }

    private Map<String, Object> pages(JsonNode parameters, int size) throws ReflectiveOperationException {
        ListSecretsRequest first = (ListSecretsRequest) request("ListSecrets", parameters);
        List<ListSecretsResponse> pages = new ArrayList<>();
        List<Object> list = new ArrayList<>();

        client.listSecretsPaginator(first.toBuilder().maxResults(size).build()).forEach(pages::add);
        pages.forEach(page -> page.secretList().forEach(entry -> list.add(told(entry))));
        Map<String, Object> said = answer(Map.of("SecretList", list), pages.get(0));
        said.put("pages", pages.size());
        return said;
    }

    private Map<String, Object> one(String operation, JsonNode parameters) throws ReflectiveOperationException {
        Object request = request(operation, parameters);
        String method = operation.substring(0, 1).toLowerCase() + operation.substring(1);
        SecretsManagerResponse reply;

        watch.asked.clear();
        try {
            reply = (SecretsManagerResponse) SecretsManagerClient.class.getMethod(method, request.getClass()).invoke(client, request);
        } catch (InvocationTargetException wrapped) {
            throw (RuntimeException) wrapped.getCause();
        }
        return answer(told(reply), reply);
    }

    private Map<String, Object> ask(Map<String, JsonNode> asked) throws ReflectiveOperationException {
        JsonNode pages = asked.get("pages");
        Map<String, Object> said;

        try {
            if (pages.isNumber())
                return pages(asked.get("parameters"), Integer.parseInt(pages.asNumber()));
            said = one(asked.get("operation").asString(), asked.get("parameters"));
        } catch (AwsServiceException error) {
            said = refused(error);
        } catch (RuntimeException error) {
            return Map.of("code", "Client", "message", error.toString());
        }
        said.put("attempts", watch.asked.size());
        return said;
    }

    public static void main(String[] none) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        Client asker = new Client();

        for (String line = lines.readLine(); line != null; line = lines.readLine())
            answers.println(Json.written(asker.ask(PARSER.parse(line).asObject())));
    }
}
