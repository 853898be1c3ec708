// libraries: what AWS builds on its SDK for JavaScript to read secrets, and that SDK's version 2, which functions and tools
// still carry and which does not sign its content type: unmodified, tried as they are meant to be used. Prints what
// libraries.py prints.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const load = createRequire(process.env.COFFER_NODE_MODULES + "/");
const { SecretsProvider } = load("@aws-lambda-powertools/parameters/secrets");
const sdk = load("@aws-sdk/client-secrets-manager");
const plain = new sdk.SecretsManagerClient(), client = new sdk.SecretsManagerClient();
const provider = new SecretsProvider({ awsSdkV3Client: client });
const { SecretsManager } = load("aws-sdk");
const old = new SecretsManager({ endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_REGION });
let asked = [];

client.middlewareStack.add((next, context) => (call) => {
    asked.push(context.commandName.replace(/Command$/, ""));
    return next(call);
}, { step: "initialize" });

old.customizeRequests((request) => {
    asked.push(request.operation[0].toUpperCase() + request.operation.slice(1));
});

async function secret(value) {
    const name = `sdk/libraries/${randomUUID()}`;

    await plain.send(new sdk.CreateSecretCommand({ Name: name, ...value }));
    return name;
}

const powertools = {
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

const version2 = {
    async "one is made, changed and read"() {
        const Name = `sdk/libraries/${randomUUID()}`;
        const made = await old.createSecret({ Name, SecretString: "one" }).promise();

        assert.equal((await old.getSecretValue({ SecretId: made.ARN }).promise()).SecretString, "one");
        await old.putSecretValue({ SecretId: Name, SecretBinary: Buffer.from([0, 255]) }).promise();
        assert.deepEqual((await old.getSecretValue({ SecretId: Name }).promise()).SecretBinary, Buffer.from([0, 255]));
        assert.equal((await old.getSecretValue({ SecretId: Name, VersionStage: "AWSPREVIOUS" }).promise()).SecretString, "one");
        await old.deleteSecret({ SecretId: Name, RecoveryWindowInDays: 7 }).promise();
        assert.ok((await old.describeSecret({ SecretId: Name }).promise()).DeletedDate instanceof Date);
    },
    async "pages of a list"() {
        const prefix = `sdk/libraries/${randomUUID()}/`, names = [];

        for (const name of ["a", "b", "c"])
            await old.createSecret({ Name: prefix + name }).promise();
        for (let page = {}; page !== null; page = page.NextToken ? page : null) {
            page = await old.listSecrets({ Filters: [{ Key: "name", Values: [prefix] }], MaxResults: 1, NextToken: page.NextToken }).promise();
            names.push(...page.SecretList.map((one) => one.Name));
        }
        assert.deepEqual(names, ["a", "b", "c"].map((name) => prefix + name));
    },
    async "an absent one is an error"() {
        await assert.rejects(old.getSecretValue({ SecretId: "sdk/libraries/absent" }).promise(),
                             { code: "ResourceNotFoundException", message: /can't find the specified secret/, statusCode: 400 });
    },
};

async function tryOne(library, cases) {
    const called = new Set();

    for (const [name, does] of Object.entries(cases)) {
        let wrong = null;

        asked = [];
        await does().catch((error) => { wrong = error.stack; });
        asked.forEach((operation) => called.add(operation));
        console.log(JSON.stringify({ library, case: name, wrong }));
    }
    console.log(JSON.stringify({ library, called: [...called].sort() }));
}

await tryOne("powertools-typescript", powertools);
await tryOne("aws-sdk-javascript-2", version2);
