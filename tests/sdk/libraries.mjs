// libraries: what AWS builds on its SDK for JavaScript to read secrets, unmodified, tried as it is meant to be used. Prints
// what libraries.py prints.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const load = createRequire(process.env.COFFER_NODE_MODULES + "/");
const { SecretsProvider } = load("@aws-lambda-powertools/parameters/secrets");
const sdk = load("@aws-sdk/client-secrets-manager");
const library = "powertools-typescript";
const plain = new sdk.SecretsManagerClient(), client = new sdk.SecretsManagerClient();
const provider = new SecretsProvider({ awsSdkV3Client: client });
const called = new Set();
let asked = [];

client.middlewareStack.add((next, context) => (call) => {
    asked.push(context.commandName.replace(/Command$/, ""));
    return next(call);
}, { step: "initialize" });

async function secret(value) {
    const name = `sdk/libraries/${randomUUID()}`;

    await plain.send(new sdk.CreateSecretCommand({ Name: name, ...value }));
    return name;
}

const cases = {
    async "one is asked for once"() {
        const name = await secret({ SecretString: '{"user":"u"}' });

        for (let i = 0; i < 3; i++)
            assert.deepEqual(await provider.get(name, { transform: "json", maxAge: 300 }), { user: "u" });
        assert.deepEqual(asked, ["GetSecretValue"]);
    },
    async "bytes come back"() {
        const name = await secret({ SecretBinary: Buffer.from([0, 255]) });

        assert.deepEqual(Buffer.from(await provider.get(name)), Buffer.from([0, 255]));
    },
    async "what is put is seen when fetched again"() {
        const name = await secret({ SecretString: "one" });

        assert.equal(await provider.get(name, { maxAge: 300 }), "one");
        await plain.send(new sdk.PutSecretValueCommand({ SecretId: name, SecretString: "two" }));
        assert.equal(await provider.get(name, { maxAge: 300 }), "one");
        assert.equal(await provider.get(name, { forceFetch: true }), "two");
        assert.equal(await provider.get(name, { forceFetch: true, sdkOptions: { VersionStage: "AWSPREVIOUS" } }), "one");
    },
    async "an absent one is an error"() {
        await assert.rejects(provider.get("sdk/libraries/absent"), /can't find the specified secret/);
    },
};

for (const [name, does] of Object.entries(cases)) {
    let wrong = null;

    asked = [];
    await does().catch((error) => { wrong = error.stack; });
    asked.forEach((operation) => called.add(operation));
    console.log(JSON.stringify({ library, case: name, wrong }));
}
console.log(JSON.stringify({ library, called: [...called].sort() }));
