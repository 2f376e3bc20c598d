//! Puts a table into an S3-compatible store.

use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

use crate::output::{at, fail, plain, Failure};

/// Time for putting a table.
const PUTTING: Duration = Duration::from_secs(600);
/// Bytes of a store's refusal that are shown.
const SHOWN: usize = 300;

/// A place in a store.
#[derive(Debug)]
pub struct Store {
    address: String,
    bucket: Bucket,
    key: String,
    credentials: Credentials,
}

impl Store {
    /// The place `s3://BUCKET/KEY`, with the settings that other programs for such stores read from the environment.
    pub fn of_environment(address: &str) -> Result<Self, Failure> {
        let Some(credentials) = Credentials::from_env() else {
            return fail(
                "no keys of the store are known; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those that \
                 may write",
            );
        };
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let region = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
        Self::new(address, set("AWS_ENDPOINT_URL").as_deref(), region.as_deref(), credentials)
    }

    fn new(
        address: &str,
        server: Option<&str>,
        region: Option<&str>,
        credentials: Credentials,
    ) -> Result<Self, Failure> {
        let place = address.strip_prefix("s3://").and_then(|place| place.split_once('/'));
        let fits = |(bucket, key): &(&str, &str)| {
            !bucket.is_empty() && key.split('/').all(|part| !matches!(part, "" | "." | ".."))
        };
        let Some((name, key)) = place.filter(fits) else {
            return fail(format!(
                "`{}` is no place in a store; one is s3://BUCKET/tables/books.csv",
                plain(address)
            ));
        };
        let region = region.unwrap_or("us-east-1");
        let amazon = format!("https://s3.{region}.amazonaws.com");
        let (server, style) = match server {
            Some(server) => (server, UrlStyle::Path),
            None => (amazon.as_str(), UrlStyle::VirtualHost),
        };
        let url: Url = server.parse().map_err(|error| {
            Failure::new(format!("AWS_ENDPOINT_URL: `{}` is no address: {error}", plain(server)))
        })?;
        let bucket = Bucket::new(url, style, name.to_owned(), region.to_owned()).map_err(|error| {
            Failure::new(format!("the store {} has no such bucket: {error}", plain(address)))
        })?;
        Ok(Self { address: address.into(), bucket, key: key.into(), credentials })
    }

    /// Puts a file there; the object that is there already is replaced as a whole.
    pub async fn put(&self, file: &Path) -> Result<String, Failure> {
        let failed = |why: String| {
            Failure::new(format!(
                "{} is written, but putting it to {} failed: {why}; the same command tries again",
                file.display(),
                plain(&self.address)
            ))
        };
        let bytes = std::fs::read(file).map_err(at(file))?;
        let signed = self.bucket.put_object(Some(&self.credentials), &self.key).sign(PUTTING);
        let client = Client::builder().redirect(Policy::none()).timeout(PUTTING).build();
        let client = client.map_err(|error| failed(error.to_string()))?;
        // The address is signed, so no error may show it.
        let sent = client.put(signed).body(bytes).send().await.map_err(|error| failed(cause(error)))?;
        let status = sent.status();
        if status.is_success() {
            return Ok(format!("put to {}", plain(&self.address)));
        }
        let mut said = String::new();
        let mut sent = sent;
        while let Ok(Some(chunk)) = sent.chunk().await {
            said += &String::from_utf8_lossy(&chunk);
            if said.len() > SHOWN {
                break;
            }
        }
        let said: String = said.chars().take(SHOWN).collect();
        Err(failed(format!("it answered {status}, {}", plain(said.trim()))))
    }
}

/// The causes of an error without the address.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::extract::Request;
    use axum::http::StatusCode;
    use axum::Router;

    use super::*;

    fn keys() -> Credentials {
        Credentials::new("writer", "secret")
    }

    #[test]
    fn a_place_is_a_bucket_and_a_key() {
        let place = |address: &str| Store::new(address, None, Some("eu-west-1"), keys());
        let store = place("s3://tables/2026/books.csv").expect("a place");
        assert_eq!((store.bucket.name(), store.key.as_str()), ("tables", "2026/books.csv"));
        assert_eq!(store.bucket.base_url().as_str(), "https://tables.s3.eu-west-1.amazonaws.com/");
        for wrong in
            ["books.csv", "s3://tables", "s3:///books.csv", "s3://tables/", "s3://tables/../x", "s3://a//b"]
        {
            let error = place(wrong).expect_err("no place").to_string();
            assert!(error.contains("s3://BUCKET"), "{wrong}: {error}");
        }
        let server =
            Store::new("s3://a/b", Some("nowhere"), None, keys()).expect_err("no server").to_string();
        assert!(server.contains("AWS_ENDPOINT_URL"), "{server}");
    }

    #[tokio::test]
    async fn a_table_arrives_whole_and_a_refusal_is_told_without_the_signature() {
        type Seen = Arc<Mutex<Vec<(String, String, Vec<u8>)>>>;
        let seen = Seen::default();
        let kept = seen.clone();
        let server = Router::new().fallback(move |request: Request| {
            let kept = kept.clone();
            async move {
                let (method, path) = (request.method().to_string(), request.uri().to_string());
                let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
                kept.lock().expect("no panic").push((method, path.clone(), body.to_vec()));
                match path.contains("/full/") {
                    true => (StatusCode::FORBIDDEN, "<Code>AccessDenied</Code>"),
                    false => (StatusCode::OK, ""),
                }
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, server).await });
        let folder = tempfile::tempdir().expect("a folder");
        let table = folder.path().join("books.csv");
        std::fs::write(&table, "title\nMoby Dick\n").expect("written");
        let store = |address: &str| Store::new(address, Some(&at), None, keys()).expect("a place");
        let said = store("s3://tables/2026/my books.csv").put(&table).await.expect("put");
        assert!(said.contains("s3://tables/2026/my books.csv"), "{said}");
        let (method, path, body) = seen.lock().expect("no panic")[0].clone();
        assert_eq!((method.as_str(), body.as_slice()), ("PUT", "title\nMoby Dick\n".as_bytes()));
        assert!(
            path.starts_with("/tables/2026/my%20books.csv?") && path.contains("X-Amz-Signature="),
            "{path}"
        );
        let refused = store("s3://full/books.csv").put(&table).await.expect_err("refused").to_string();
        assert!(refused.contains("403") && refused.contains("AccessDenied"), "{refused}");
        let away = Store::new("s3://a/b", Some("http://127.0.0.1:1"), None, keys()).expect("a place");
        let away = away.put(&table).await.expect_err("nobody there").to_string();
        assert!(away.contains("tries again") && !away.contains("Signature"), "{away}");
    }
}
