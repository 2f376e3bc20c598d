//! Metrics in the text format of Prometheus, and the health of the process, over HTTP.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::{header, StatusCode};
use axum::routing::get;
use axum::Router;

use crate::output::Failure;

/// A page of metrics under construction.
#[derive(Default)]
pub struct Page {
    text: String,
}

/// Type of a metric.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A number that only grows while the process runs.
    Counter,
    /// A number that rises and falls.
    Gauge,
}

impl Page {
    /// Adds a metric: its name without the prefix `myelin_`, its meaning, and its values by label.
    pub fn add(
        &mut self,
        name: &str,
        of: Type,
        help: &str,
        values: impl IntoIterator<Item = (Vec<(&'static str, String)>, f64)>,
    ) {
        let kind = match of {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
        };
        let _ = writeln!(self.text, "# HELP myelin_{name} {help}\n# TYPE myelin_{name} {kind}");
        for (labels, value) in values {
            let labels: Vec<String> =
                labels.into_iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(&text))).collect();
            let _ = match &labels[..] {
                [] => writeln!(self.text, "myelin_{name} {value}"),
                labels => writeln!(self.text, "myelin_{name}{{{}}} {value}", labels.join(",")),
            };
        }
    }

    /// The page.
    pub fn text(self) -> String {
        self.text
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Sources of the served pages.
pub struct Source {
    /// The page of metrics.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// The reason why the process is not healthy; `None` if it is.
    pub illness: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

/// Serves metrics until the process ends. Fails if it cannot listen at the address.
pub async fn serve(address: SocketAddr, source: Source) -> Result<SocketAddr, Failure> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| Failure::new(format!("--metrics {address}: {error}; name another address")))?;
    let bound = listener.local_addr()?;
    let source = Arc::new(source);
    let pages = source.clone();
    let metrics = move || {
        let text = (pages.metrics)();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
    };
    let health = move || {
        let illness = (source.illness)();
        async move {
            match illness {
                None => (StatusCode::OK, "ok\n".to_owned()),
                Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
            }
        }
    };
    let routes = Router::new().route("/metrics", get(metrics)).route("/health", get(health));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::warn!(%error, "metrics are served no more");
        }
    });
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_follows_the_text_format() {
        let mut page = Page::default();
        page.add(
            "failures_total",
            Type::Counter,
            "Requests without an answer.",
            [(vec![("netuid", "2".into()), ("cause", "said \"no\"\n".into())], 3.0)],
        );
        page.add("up", Type::Gauge, "Whether it runs.", [(Vec::new(), 1.0)]);
        assert_eq!(
            page.text(),
            "# HELP myelin_failures_total Requests without an answer.\n\
             # TYPE myelin_failures_total counter\n\
             myelin_failures_total{netuid=\"2\",cause=\"said \\\"no\\\"\\n\"} 3\n\
             # HELP myelin_up Whether it runs.\n\
             # TYPE myelin_up gauge\n\
             myelin_up 1\n"
        );
    }
}
