//! main: asks with the AWS SDK for Rust what comes in as JSON lines, and says what came back. Everything but the
//! parameters of a call comes from the environment, as in anybody's function.

use std::collections::HashMap;

use aws_sdk_secretsmanager::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::primitives::{Blob, DateTime};
use aws_sdk_secretsmanager::{operation::*, types::*, Client};
use aws_smithy_types::base64;
use rust_client::Watch;
use serde_json::{json, Map, Value};

/// The model's spelling of the SDK's: secret_id is SecretId, set_type Type.
fn spelled(name: &str) -> String {
    let words = name.trim_start_matches("r#").trim_start_matches("set_");
    let wide = matches!(words, "arn" | "rotation_lambda_arn");
    let spelled = |word: &str| match word {
        "arn" if wide => "ARN".to_owned(),
        _ => word[..1].to_uppercase() + &word[1..],
    };
    words.split('_').map(spelled).collect()
}

/// What a parameter is made of.
trait Given: Sized {
    fn given(value: Value) -> Option<Self>;
}

/// What a member of a reply says; None: it is absent.
trait Told {
    fn told(&self) -> Option<Value>;
}

impl Given for String {
    fn given(value: Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Given for bool {
    fn given(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Given for i64 {
    fn given(value: Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Given for i32 {
    fn given(value: Value) -> Option<Self> {
        value.as_i64()?.try_into().ok()
    }
}

impl Given for Blob {
    fn given(value: Value) -> Option<Self> {
        base64::decode(value.get("$bytes")?.as_str()?).ok().map(Blob::new)
    }
}

impl<T: Given> Given for Vec<T> {
    fn given(value: Value) -> Option<Self> {
        value.as_array()?.iter().cloned().map(T::given).collect()
    }
}

impl Told for String {
    fn told(&self) -> Option<Value> {
        Some(json!(self))
    }
}

impl Told for bool {
    fn told(&self) -> Option<Value> {
        Some(json!(self))
    }
}

impl Told for i64 {
    fn told(&self) -> Option<Value> {
        Some(json!(self))
    }
}

impl Told for StatusType {
    fn told(&self) -> Option<Value> {
        Some(json!(self.as_str()))
    }
}

impl Told for Blob {
    fn told(&self) -> Option<Value> {
        Some(json!({ "$bytes": base64::encode(self) }))
    }
}

impl Told for DateTime {
    fn told(&self) -> Option<Value> {
        Some(json!({ "$moment": self.to_millis().ok()? }))
    }
}

impl<T: Told> Told for Option<T> {
    fn told(&self) -> Option<Value> {
        self.as_ref()?.told()
    }
}

impl<T: Told> Told for Vec<T> {
    fn told(&self) -> Option<Value> {
        Some(self.iter().filter_map(T::told).collect())
    }
}

impl<T: Told> Told for HashMap<String, T> {
    fn told(&self) -> Option<Value> {
        Some(Value::Object(self.iter().filter_map(|(name, one)| Some((name.clone(), one.told()?))).collect()))
    }
}

/// Parameters that are taken one by one; what is over is a mistake of the asker.
struct Parameters(Map<String, Value>);

impl Parameters {
    fn take<T: Given>(&mut self, name: &str) -> Result<Option<T>, String> {
        let name = spelled(name);
        self.0.remove(&name).map(|value| T::given(value).ok_or(format!("{name} is of another type"))).transpose()
    }

    fn all_taken(&self) -> Result<(), String> {
        self.0.is_empty().then_some(()).ok_or(format!("no such parameter: {:?}", self.0.keys()))
    }
}

macro_rules! given {
    ($($name:ident: $($set:ident)*;)*) => { $(impl Given for $name {
        fn given(value: Value) -> Option<Self> {
            let mut members = Parameters(value.as_object()?.clone());
            let made = $name::builder()$(.$set(members.take(stringify!($set)).ok()?))*.build();
            members.all_taken().ok().map(|_| made)
        }
    })* }
}

macro_rules! named {
    ($($name:ident)*) => { $(impl Given for $name {
        fn given(value: Value) -> Option<Self> {
            value.as_str().map($name::from)
        }
    })* }
}

macro_rules! told {
    ($($name:ty: $($member:ident)*;)*) => { $(impl Told for $name {
        fn told(&self) -> Option<Value> {
            let members: Vec<(&str, Option<Value>)> = vec![$((stringify!($member), self.$member.told())),*];
            Some(Value::Object(members.into_iter().filter_map(|(name, value)| Some((spelled(name), value?))).collect()))
        }
    })* }
}

/// A row for each operation with its parameters.
macro_rules! operations {
    ($($operation:ident: $($set:ident)*;)*) => {
        async fn ask_one(client: &Client, operation: &str, mut given: Parameters) -> Result<Value, String> {
            $(if operation == spelled(stringify!($operation)) {
                let call = client.$operation()$(.$set(given.take(stringify!($set))?))*;
                given.all_taken()?;
                return Ok(answer(call.send().await));
            })*
            Err(format!("no such operation: {operation}"))
        }
    }
}

given! {
    Tag: set_key set_value;
    Filter: set_key set_values;
    ReplicaRegionType: set_region set_kms_key_id;
    RotationRulesType: set_automatically_after_days set_duration set_schedule_expression;
    ExternalSecretRotationMetadataItem: set_key set_value;
}

named! { FilterNameStringType SortByType SortOrderType }

operations! {
    batch_get_secret_value: set_secret_id_list set_filters set_max_results set_next_token;
    cancel_rotate_secret: set_secret_id;
    create_secret: set_name set_client_request_token set_description set_kms_key_id set_secret_binary set_secret_string set_tags
        set_add_replica_regions set_force_overwrite_replica_secret set_type;
    delete_resource_policy: set_secret_id;
    delete_secret: set_secret_id set_recovery_window_in_days set_force_delete_without_recovery;
    describe_secret: set_secret_id;
    get_random_password: set_password_length set_exclude_characters set_exclude_numbers set_exclude_punctuation
        set_exclude_uppercase set_exclude_lowercase set_include_space set_require_each_included_type;
    get_resource_policy: set_secret_id;
    get_secret_value: set_secret_id set_version_id set_version_stage;
    list_secret_version_ids: set_secret_id set_max_results set_next_token set_include_deprecated;
    list_secrets: set_include_planned_deletion set_max_results set_next_token set_filters set_sort_order set_sort_by;
    put_resource_policy: set_secret_id set_resource_policy set_block_public_policy;
    put_secret_value: set_secret_id set_client_request_token set_secret_binary set_secret_string set_version_stages
        set_rotation_token;
    remove_regions_from_replication: set_secret_id set_remove_replica_regions;
    replicate_secret_to_regions: set_secret_id set_add_replica_regions set_force_overwrite_replica_secret;
    restore_secret: set_secret_id;
    rotate_secret: set_secret_id set_client_request_token set_rotation_lambda_arn set_rotation_rules
        set_external_secret_rotation_metadata set_external_secret_rotation_role_arn set_rotate_immediately;
    stop_replication_to_replica: set_secret_id;
    tag_resource: set_secret_id set_tags;
    untag_resource: set_secret_id set_tag_keys;
    update_secret: set_secret_id set_client_request_token set_description set_kms_key_id set_secret_binary set_secret_string
        set_type;
    update_secret_version_stage: set_secret_id set_version_stage set_remove_from_version_id set_move_to_version_id;
    validate_resource_policy: set_secret_id set_resource_policy;
}

told! {
    batch_get_secret_value::BatchGetSecretValueOutput: secret_values next_token errors;
    cancel_rotate_secret::CancelRotateSecretOutput: arn name version_id;
    create_secret::CreateSecretOutput: arn name version_id replication_status;
    delete_resource_policy::DeleteResourcePolicyOutput: arn name;
    delete_secret::DeleteSecretOutput: arn name deletion_date;
    describe_secret::DescribeSecretOutput: arn name r#type description kms_key_id rotation_enabled rotation_lambda_arn
        rotation_rules external_secret_rotation_metadata external_secret_rotation_role_arn last_rotated_date last_changed_date
        last_accessed_date deleted_date next_rotation_date tags version_ids_to_stages owning_service created_date primary_region
        replication_status;
    get_random_password::GetRandomPasswordOutput: random_password;
    get_resource_policy::GetResourcePolicyOutput: arn name resource_policy;
    get_secret_value::GetSecretValueOutput: arn name version_id secret_binary secret_string version_stages created_date;
    list_secret_version_ids::ListSecretVersionIdsOutput: versions next_token arn name;
    list_secrets::ListSecretsOutput: secret_list next_token;
    put_resource_policy::PutResourcePolicyOutput: arn name;
    put_secret_value::PutSecretValueOutput: arn name version_id version_stages;
    remove_regions_from_replication::RemoveRegionsFromReplicationOutput: arn replication_status;
    replicate_secret_to_regions::ReplicateSecretToRegionsOutput: arn replication_status;
    restore_secret::RestoreSecretOutput: arn name;
    rotate_secret::RotateSecretOutput: arn name version_id;
    stop_replication_to_replica::StopReplicationToReplicaOutput: arn;
    tag_resource::TagResourceOutput:;
    untag_resource::UntagResourceOutput:;
    update_secret::UpdateSecretOutput: arn name version_id;
    update_secret_version_stage::UpdateSecretVersionStageOutput: arn name;
    validate_resource_policy::ValidateResourcePolicyOutput: policy_validation_passed validation_errors;
    ApiErrorType: secret_id error_code message;
    ExternalSecretRotationMetadataItem: key value;
    ReplicationStatusType: region kms_key_id status status_message last_accessed_date;
    RotationRulesType: automatically_after_days duration schedule_expression;
    SecretListEntry: arn name r#type description kms_key_id rotation_enabled rotation_lambda_arn rotation_rules
        external_secret_rotation_metadata external_secret_rotation_role_arn last_rotated_date last_changed_date
        last_accessed_date deleted_date next_rotation_date tags secret_versions_to_stages owning_service created_date
        primary_region;
    SecretValueEntry: arn name version_id secret_binary secret_string version_stages created_date;
    SecretVersionsListEntry: version_id version_stages last_accessed_date created_date kms_key_ids;
    Tag: key value;
    ValidationErrorsEntry: check_name error_message;
}

fn answer<T: Told, E>(came: Result<T, SdkError<E>>) -> Value
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match came {
        Ok(reply) => json!({ "reply": reply.told() }),
        Err(error) => match error.code() {
            Some(code) => json!({ "code": code, "message": error.message() }),
            None => json!({ "code": "Client", "message": DisplayErrorContext(&error).to_string() }),
        },
    }
}

async fn pages(client: &Client, size: i32, mut given: Parameters) -> Result<Value, String> {
    let call = client.list_secrets().set_filters(given.take("filters")?);
    let call = call.set_sort_by(given.take("sort_by")?).set_sort_order(given.take("sort_order")?);
    let mut walk = call.into_paginator().page_size(size).send();
    let (mut list, mut count) = (vec![], 0);

    given.all_taken()?;
    while let Some(page) = walk.next().await {
        match page {
            Ok(page) => list.extend(page.secret_list().iter().filter_map(Told::told)),
            error => return Ok(answer(error)),
        }
        count += 1;
    }
    Ok(json!({ "reply": { "SecretList": list }, "pages": count }))
}

async fn ask(client: &Client, watch: &Watch, asked: &Value) -> Value {
    let given = Parameters(asked["parameters"].as_object().cloned().unwrap_or_default());
    let said = match asked["pages"].as_i64() {
        Some(size) => pages(client, size as i32, given).await,
        None => ask_one(client, asked["operation"].as_str().unwrap_or_default(), given).await,
    };
    let mut said = said.unwrap_or_else(|wrong| json!({ "code": "Client", "message": wrong }));
    let seen = watch.take();

    if said.get("pages").is_none() {
        said["attempts"] = json!(seen.asked.len());
    }
    if let Some((status, id)) = seen.first {
        said["status"] = json!(status);
        said["id"] = json!(id);
    }
    said
}

fn main() {
    // Of several threads: a connection that ends while nothing is asked is seen to end.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let watch = Watch::default();
    let client = runtime.block_on(watch.client());

    for line in std::io::stdin().lines() {
        let asked: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        println!("{}", runtime.block_on(ask(&client, &watch, &asked)));
    }
}
