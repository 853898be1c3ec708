/* Libraries: what AWS builds on its SDK for Java to read secrets, unmodified, tried as it is meant to be used: the caching
 * library, the JDBC driver and Powertools' parameters. Prints what libraries.py prints. */
import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.caching.SecretCacheConfiguration;
import com.amazonaws.secretsmanager.sql.AWSSecretsManagerPostgreSQLDriver;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.UUID;
import java.util.logging.Logger;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.CreateSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.lambda.powertools.parameters.secrets.SecretsProvider;
import software.amazon.lambda.powertools.parameters.transform.Transformer;

public final class Libraries {
    private static final Watch CACHING = new Watch(), JDBC = new Watch(), POWERTOOLS = new Watch();
    private static final SecretsManagerClient PLAIN = SecretsManagerClient.create();
    private static final SecretCache CACHE = new SecretCache(CACHING.client());
    private static final SecretsProvider PROVIDER = SecretsProvider.builder().withClient(POWERTOOLS.client()).build();

    private interface Deed {
        void run() throws Exception;
    }

    /** In the place of PostgreSQL's own driver: remembers who comes, and lets in who has the right password. */
    public static final class Database implements Driver {
        static String password;
        static final List<String> CAME = new ArrayList<>();

        @Override
        public Connection connect(String url, Properties with) throws SQLException {
            CAME.add(url + " " + with.getProperty("user") + " " + with.getProperty("password"));
            if (!with.getProperty("password").equals(password))
                throw new SQLException("password authentication failed", "28P01");
            return (Connection) java.lang.reflect.Proxy.newProxyInstance(Database.class.getClassLoader(),
                new Class<?>[] {Connection.class}, (self, method, values) -> null);
        }

        @Override
        public boolean acceptsURL(String url) {
            return url.startsWith("jdbc:postgresql:");
        }

        @Override
        public DriverPropertyInfo[] getPropertyInfo(String url, Properties with) {
            return new DriverPropertyInfo[0];
        }

        @Override
        public int getMajorVersion() {
            return 1;
        }

        @Override
        public int getMinorVersion() {
            return 0;
        }

        @Override
        public boolean jdbcCompliant() {
            return false;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }
    }

    private static String secret(CreateSecretRequest.Builder value) {
        String name = "sdk/libraries/" + UUID.randomUUID();

        PLAIN.createSecret(value.name(name).build());
        return name;
    }

    private static String secret(String text) {
        return secret(CreateSecretRequest.builder().secretString(text));
    }

    private static void same(Object got, Object wanted) {
        if (!wanted.equals(got))
            throw new IllegalStateException(got + ", not " + wanted);
    }

    private static void textIsAskedForOnce() {
        String name = secret("naïve 漢字");

        for (int i = 0; i < 3; i++)
            same(CACHE.getSecretString(name), "naïve 漢字");
        same(CACHING.asked, List.of("DescribeSecret", "GetSecretValue"));
    }

    private static void bytesComeBack() {
        byte[] bytes = {0, -1};

        same(CACHE.getSecretBinary(secret(CreateSecretRequest.builder().secretBinary(SdkBytes.fromByteArray(bytes)))),
            ByteBuffer.wrap(bytes));
    }

    private static void whatIsPutIsSeenWhenRefreshed() throws InterruptedException {
        String name = secret("one");

        same(CACHE.getSecretString(name), "one");
        PLAIN.putSecretValue(r -> r.secretId(name).secretString("two"));
        same(CACHE.getSecretString(name), "one");
        same(CACHE.refreshNow(name), true);
        same(CACHE.getSecretString(name), "two");
    }

    private static void anAbsentOneIsRefused() {
        try {
            CACHE.getSecretString("sdk/libraries/absent");
        } catch (ResourceNotFoundException error) {
            return;
        }
        throw new IllegalStateException("it is there");
    }

    /** Through the driver: as whom and where to the database was asked. */
    private static List<String> connected(Driver driver, String url, String name) throws SQLException {
        Properties with = new Properties();

        with.setProperty("user", name);
        Database.CAME.clear();
        driver.connect(url, with);
        return Database.CAME;
    }

    private static void aDatabaseIsGivenWhatIsInIt(Driver driver) throws SQLException {
        String name = secret("{\"username\":\"u\",\"password\":\"p\",\"host\":\"h\",\"port\":\"7\",\"dbname\":\"d\"}");

        Database.password = "p";
        same(connected(driver, "jdbc-secretsmanager:postgresql://there/db", name), List.of("jdbc:postgresql://there/db u p"));
        same(connected(driver, name, name), List.of("jdbc:postgresql://h:7/d u p"));
        same(JDBC.asked, List.of("DescribeSecret", "GetSecretValue"));
    }

    private static void aNewPasswordIsFetchedWhenTheOldIsRefused(Driver driver) throws SQLException {
        String name = secret("{\"username\":\"u\",\"password\":\"old\"}"), url = "jdbc:postgresql://there/db";

        Database.password = "old";
        connected(driver, "jdbc-secretsmanager:postgresql://there/db", name);
        Database.password = "new";
        PLAIN.putSecretValue(r -> r.secretId(name).secretString("{\"username\":\"u\",\"password\":\"new\"}"));
        same(connected(driver, "jdbc-secretsmanager:postgresql://there/db", name), List.of(url + " u old", url + " u new"));
    }

    private static void oneIsAskedForOnce() {
        String name = secret("{\"user\":\"u\"}");

        for (int i = 0; i < 3; i++)
            same(PROVIDER.withTransformation(Transformer.json).get(name, Map.class), Map.of("user", "u"));
        same(POWERTOOLS.asked, List.of("GetSecretValue"));
    }

    private static void aPlainOneComesAsItIs() {
        same(PROVIDER.get(secret("naïve 漢字")), "naïve 漢字");
    }

    private static void anAbsentOneIsAnError() {
        try {
            PROVIDER.get("sdk/libraries/absent");
        } catch (ResourceNotFoundException error) {
            return;
        }
        throw new IllegalStateException("it is there");
    }

    private static void say(String library, Watch watch, Map<String, Deed> cases) {
        TreeSet<String> called = new TreeSet<>();

        cases.forEach((name, deed) -> {
            Map<String, Object> said = new LinkedHashMap<>(Map.of("library", library, "case", name));
            watch.asked.clear();
            said.put("wrong", null);
            try {
                deed.run();
            } catch (Exception error) {
                said.put("wrong", error.toString());
            }
            called.addAll(watch.asked);
            System.out.println(Json.written(said));
        });
        System.out.println(Json.written(Map.of("library", library, "called", called)));
    }

    public static void main(String[] none) throws SQLException {
        System.setProperty("drivers.postgresql.realDriverClass", Database.class.getName());
        DriverManager.registerDriver(new Database());
        Driver driver = new AWSSecretsManagerPostgreSQLDriver(new SecretCacheConfiguration().withClient(JDBC.client()));

        say("caching-java", CACHING, Map.of("text is asked for once", Libraries::textIsAskedForOnce,
            "bytes come back", Libraries::bytesComeBack, "an absent one is refused", Libraries::anAbsentOneIsRefused,
            "what is put is seen when refreshed", Libraries::whatIsPutIsSeenWhenRefreshed));
        say("jdbc", JDBC, Map.of("a database is given what is in it", () -> aDatabaseIsGivenWhatIsInIt(driver),
            "a new password is fetched when the old is refused", () -> aNewPasswordIsFetchedWhenTheOldIsRefused(driver)));
        say("powertools-java", POWERTOOLS, Map.of("one is asked for once", Libraries::oneIsAskedForOnce,
            "a plain one comes as it is", Libraries::aPlainOneComesAsItIs, "an absent one is an error", Libraries::anAbsentOneIsAnError));
        CACHE.close();
    }
}
