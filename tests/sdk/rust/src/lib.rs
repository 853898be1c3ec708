//! watch: counts what the AWS SDK for Rust sends, and what comes back, from the hooks that the SDK has for that.

use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_secretsmanager::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_secretsmanager::error::BoxError;
use aws_sdk_secretsmanager::Client;

#[derive(Debug, Default)]
pub struct Seen {
    /// The operation of each attempt.
    pub asked: Vec<String>,
    /// The status and the id of the first answer.
    pub first: Option<(u16, Option<String>)>,
}

#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Seen>>);

impl Watch {
    /// What was seen since it was last taken.
    pub fn take(&self) -> Seen {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// A client as anybody's, everything else from the environment.
    pub async fn client(&self) -> Client {
        Client::from_conf(self.settings().await.build())
    }

    pub async fn settings(&self) -> Builder {
        let settings = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        Builder::from(&settings).interceptor(self.clone())
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.0.lock().unwrap().asked.push(operation.to_owned());
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let id = answer.headers().get("x-amzn-requestid").map(str::to_owned);
        self.0.lock().unwrap().first.get_or_insert((answer.status().as_u16(), id));
        Ok(())
    }
}
