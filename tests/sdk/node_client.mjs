// node_client: asks with the AWS SDK for JavaScript what comes in as JSON lines, and says what came back. Everything but
// the parameters of a call comes from the environment, as in anybody's function.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const load = createRequire(process.env.COFFER_NODE_MODULES + "/");
const kinds = {
    secretsmanager: ["@aws-sdk/client-secrets-manager", "SecretsManagerClient"],
    iam: ["@aws-sdk/client-iam", "IAMClient"],
    sts: ["@aws-sdk/client-sts", "STSClient"],
};
const open = {};

function clientOf(service) {
    const [name, kind] = kinds[service];
    const sdk = load(name);

    return open[service] ??= { sdk, client: new sdk[kind]() };
}

function given(value) {
    if (Array.isArray(value))
        return value.map(given);
    if (value === null || typeof value !== "object")
        return value;
    if ("$bytes" in value)
        return Buffer.from(value.$bytes, "base64");
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, given(one)]));
}

function told(value) {
    if (value instanceof Uint8Array)
        return { $bytes: Buffer.from(value).toString("base64") };
    if (value instanceof Date)
        return { $moment: value.getTime() };
    if (Array.isArray(value))
        return value.map(told);
    if (value === null || typeof value !== "object")
        return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, told(one)]));
}

function outcome(metadata) {
    return { status: metadata?.httpStatusCode, attempts: metadata?.attempts, id: metadata?.requestId };
}

async function pages({ sdk, client }, call) {
    const list = [];
    let count = 0, first;

    for await (const page of sdk.paginateListSecrets({ client, pageSize: call.pages }, given(call.parameters))) {
        first ??= page.$metadata;
        list.push(...page.SecretList);
        count++;
    }
    return { reply: { SecretList: told(list) }, ...outcome(first), pages: count };
}

async function ask(call) {
    const { sdk, client } = clientOf(call.service);

    try {
        if (call.pages)
            return await pages({ sdk, client }, call);
        const { $metadata, ...reply } = await client.send(new sdk[call.operation + "Command"](given(call.parameters)));
        return { reply: told(reply), ...outcome($metadata) };
    } catch (error) {
        // The name of a class may have an "Exception" more than the code.
        return { code: error.Error?.Code ?? error.name, message: error.message, ...outcome(error.$metadata) };
    }
}

for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(JSON.stringify(await ask(JSON.parse(line))) + "\n");
