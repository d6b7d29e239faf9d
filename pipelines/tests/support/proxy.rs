//! A TCP link that can be cut, as networks are.

use std::sync::{Arc, Mutex};

use lapin::uri::AMQPUri;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Stands before a server and passes bytes on until it is cut.
#[derive(Debug)]
pub(crate) struct Proxy {
    url: String,
    links: Arc<Mutex<Vec<JoinHandle<()>>>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(url: &str) -> Self {
        let mut uri: AMQPUri = url.parse().unwrap();
        let server = (uri.authority.host.clone(), uri.authority.port);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        uri.authority.host = "127.0.0.1".to_owned();
        uri.authority.port = listener.local_addr().unwrap().port();
        let user = &uri.authority.userinfo;
        let url = format!(
            "amqp://{}:{}@127.0.0.1:{}/{}",
            user.username,
            user.password,
            uri.authority.port,
            uri.vhost.replace('/', "%2f")
        );
        let links: Arc<Mutex<Vec<JoinHandle<()>>>> = Arc::default();
        let open = links.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let server = server.clone();
                let link = tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
                open.lock().unwrap().push(link);
            }
        });
        Self { url, links, accepting }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Cuts every link that stands; new ones may be made at once.
    pub(crate) async fn cut(&self) {
        let links = std::mem::take(&mut *self.links.lock().unwrap());
        for link in links {
            link.abort();
            let _ = link.await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
