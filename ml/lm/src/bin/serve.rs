//! Serves built-in models to editors: `serve --port 8080`, then point a completion plugin at
//! `http://127.0.0.1:8080/v1`.

use clap::Parser;
use myelin_lm::builtin::{self, Level};
use myelin_lm::openai::serve::{router, ServeConfig};
use std::error::Error;
use std::net::{IpAddr, SocketAddr};

#[derive(Parser)]
#[command(about = "Serves the built-in models over an OpenAI-compatible interface")]
struct Cli {
    /// Models to offer, the first is the default: late, early, ngram
    #[arg(long, value_delimiter = ',', default_values = ["late", "early", "ngram"])]
    models: Vec<Level>,
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// 0 takes a free port
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Requests must carry this bearer token
    #[arg(long, env = "MYELIN_SERVE_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Requests that generate at the same time
    #[arg(long, default_value_t = 2)]
    parallel: usize,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let models = cli.models.iter().map(|level| builtin::model(*level)).collect::<Result<Vec<_>, _>>()?;
    let config = ServeConfig { key: cli.key, parallel: cli.parallel, ..ServeConfig::default() };
    let address = SocketAddr::new(cli.host, cli.port);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|e| format!("listening on {address}: {e}; choose another --port"))?;
    println!("http://{}/v1", listener.local_addr()?);
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, router(models, config)).with_graceful_shutdown(stop).await?;
    Ok(())
}
