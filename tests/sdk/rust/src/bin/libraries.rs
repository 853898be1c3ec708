//! libraries: AWS's caching library for Rust, unmodified, tried as it is meant to be used. Prints what libraries.py prints.

use std::collections::BTreeSet;
use std::future::Future;
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::Client;
use aws_secretsmanager_caching::SecretsManagerCachingClient;
use rust_client::Watch;
use serde_json::json;

const LIBRARY: &str = "caching-rust";

type Outcome = Result<(), String>;

struct Tried {
    plain: Client,
    cache: SecretsManagerCachingClient,
    watch: Watch,
    made: SystemTime,
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, wanted: T) -> Outcome {
    (got == wanted).then_some(()).ok_or(format!("{got:?}, not {wanted:?}"))
}

impl Tried {
    async fn new() -> Self {
        let watch = Watch::default();
        let (size, kept) = (NonZeroUsize::new(100).unwrap(), Duration::from_secs(300));
        let settings = watch.settings().await;
        let cache = SecretsManagerCachingClient::from_builder(settings, size, kept, false).await.expect("a cache");
        Self { plain: Watch::default().client().await, cache, watch, made: SystemTime::now() }
    }

    fn name(&self, of: &str) -> String {
        let since = self.made.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        format!("sdk/libraries/rust/{}/{of}", since.as_nanos())
    }

    async fn text(&self, name: &str, stage: Option<&str>, refresh: bool) -> Result<String, String> {
        let value = self.cache.get_secret_value(name, None, stage, refresh).await.map_err(said)?;
        value.secret_string.ok_or("no text".to_owned())
    }

    async fn text_is_asked_for_once(&self) -> Outcome {
        let name = self.name("text");
        self.plain.create_secret().name(&name).secret_string("naïve 漢字").send().await.map_err(said)?;
        for _ in 0..3 {
            same(self.text(&name, None, false).await?, "naïve 漢字".to_owned())?;
        }
        Ok(())
    }

    async fn bytes_come_back(&self) -> Outcome {
        let (name, bytes) = (self.name("bytes"), vec![0, 255]);
        self.plain.create_secret().name(&name).secret_binary(Blob::new(bytes.clone())).send().await.map_err(said)?;
        let value = self.cache.get_secret_value(&name, None, None, false).await.map_err(said)?;
        same(value.secret_binary.map(|one| one.into_inner()), Some(bytes))
    }

    async fn what_is_put_is_seen_when_refreshed(&self) -> Outcome {
        let name = self.name("put");
        self.plain.create_secret().name(&name).secret_string("one").send().await.map_err(said)?;
        same(self.text(&name, None, false).await?, "one".to_owned())?;
        self.plain.put_secret_value().secret_id(&name).secret_string("two").send().await.map_err(said)?;
        same(self.text(&name, None, false).await?, "one".to_owned())?;
        same(self.text(&name, None, true).await?, "two".to_owned())?;
        same(self.text(&name, Some("AWSPREVIOUS"), false).await?, "one".to_owned())
    }

    async fn an_absent_one_is_refused(&self) -> Outcome {
        match self.text(&self.name("absent"), None, false).await {
            Ok(text) => Err(format!("it is there: {text}")),
            Err(error) => same(error.contains("ResourceNotFoundException"), true).map_err(|_| error),
        }
    }

    async fn case(&self, called: &mut BTreeSet<String>, name: &str, operations: &[&str], deed: impl Future<Output = Outcome>) {
        self.watch.take();
        let outcome = deed.await;
        let asked = self.watch.take().asked;
        let outcome = outcome.and_then(|_| same(asked.iter().map(String::as_str).collect(), operations.to_vec()));
        println!("{}", json!({ "library": LIBRARY, "case": name, "wrong": outcome.err() }));
        called.extend(asked);
    }
}

async fn all() {
    let (tried, mut called) = (Tried::new().await, BTreeSet::new());
    let (read, thrice) = (["GetSecretValue"], ["GetSecretValue"; 3]);

    tried.case(&mut called, "text is asked for once", &read, tried.text_is_asked_for_once()).await;
    tried.case(&mut called, "bytes come back", &read, tried.bytes_come_back()).await;
    tried.case(&mut called, "what is put is seen when refreshed", &thrice, tried.what_is_put_is_seen_when_refreshed()).await;
    tried.case(&mut called, "an absent one is refused", &read, tried.an_absent_one_is_refused()).await;
    println!("{}", json!({ "library": LIBRARY, "called": called }));
}

fn main() {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(all());
}
