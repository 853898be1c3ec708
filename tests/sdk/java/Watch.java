/* Watch: counts what the AWS SDK for Java sends, by the hook that the SDK has for that; and makes clients that are watched,
 * which take everything else from the environment. */
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

final class Watch implements ExecutionInterceptor {
    /** The operation of each attempt. */
    final List<String> asked = new ArrayList<>();

    @Override
    public synchronized void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        asked.add(context.request().getClass().getSimpleName().replaceFirst("Request$", ""));
    }

    SecretsManagerClient client() {
        return SecretsManagerClient.builder().overrideConfiguration(c -> c.addExecutionInterceptor(this)).build();
    }
}
