//! The front for everybody else: loopback HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::clock::{Clock, Pace};
use crate::control;
use crate::held::Held;
use crate::simulator::{Reply, Simulator};
use crate::wire::{WireRequest, WireResponse};

/// No request of the simulated services is larger: a template may have a megabyte.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// A listener that cannot accept (too many open files) is given this long to recover.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why serving did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The simulator has no passwords, so that it listens to this machine alone.
    #[error("the simulator serves only the loopback interface, not {0}")]
    NotLoopback(SocketAddr),
    /// The listener has no address.
    #[error("could not read the address of the listener")]
    Listener(#[source] std::io::Error),
    /// Time has to go on.
    #[error("the speed of virtual time must be a positive number, not {0}")]
    Speed(f64),
    /// Time does not run backwards.
    #[error("a call takes no less than 0 virtual seconds, not {0}")]
    PerCall(f64),
}

/// Serves a simulator until `shutdown` completes. Virtual time starts at the wall clock's.
///
/// Calls take turns, so that further threads only pass work to each other: a runtime with one worker, which
/// `TOKIO_WORKER_THREADS=1` makes of any, spends a quarter less on a call.
///
/// # Errors
///
/// When the listener is not on the loopback interface or the pace makes no sense.
pub async fn serve(
    listener: TcpListener,
    simulator: Arc<Mutex<Simulator>>,
    pace: Pace,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(ServeError::Listener)?;
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    if !pace.speed.is_finite() || pace.speed <= 0.0 {
        return Err(ServeError::Speed(pace.speed));
    }
    if !pace.per_call.is_finite() || pace.per_call < 0.0 {
        return Err(ServeError::PerCall(pace.per_call));
    }
    let latency = simulator.lock().unwrap_or_else(PoisonError::into_inner).latency();
    let front = Arc::new(Front { simulator, clock: Clock::new(pace), held: Held::default(), latency });
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&front)));
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    // An answer is made in one go: what is cut here is idle connections.
    connections.shutdown().await;
    Ok(())
}

/// What every connection shares.
pub(crate) struct Front {
    simulator: Arc<Mutex<Simulator>>,
    pub(crate) clock: Clock,
    pub(crate) held: Held,
    /// How long an answer of AWS is on its way.
    latency: Duration,
}

impl Front {
    /// The simulator, for the length of one answer. A panic in one answer leaves the others served.
    pub(crate) fn simulator(&self) -> MutexGuard<'_, Simulator> {
        self.simulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a request asks at once, so that calls take their turns by arrival; the answer is then on its way
    /// for as long as the latency says, which holds up neither a thread nor another call.
    async fn answer(&self, request: &WireRequest) -> Reply {
        if request.uri().path().starts_with(control::PREFIX) {
            return Reply::Answer(control::handle(self, request));
        }
        let reply = self.call(request);
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        reply
    }

    fn call(&self, request: &WireRequest) -> Reply {
        let mut simulator = self.simulator();
        // Under the lock, so that time does not run backwards between two requests.
        self.clock.count_call();
        let now = self.clock.now();
        simulator.handle(request, now)
    }
}

async fn converse(stream: TcpStream, front: Arc<Front>) {
    // Small answers go out at once: with Nagle's algorithm, keep-alive connections would stall.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not switch off Nagle's algorithm");
    }
    let service = service_fn(move |request| respond(request, Arc::clone(&front)));
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "connection ended");
    }
}

/// An answer that a fault keeps: hyper closes the connection without a word.
#[derive(Debug, thiserror::Error)]
#[error("a fault cut the connection")]
struct Cut;

async fn respond(
    request: hyper::Request<Incoming>,
    front: Arc<Front>,
) -> Result<hyper::Response<Full<Bytes>>, Cut> {
    let (parts, body) = request.into_parts();
    let reply = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => front.answer(&WireRequest::from_parts(parts, body.to_bytes().into())).await,
        Err(_) => {
            let mut refused = WireResponse::new(b"the request body is too large or incomplete".to_vec());
            *refused.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE;
            Reply::Answer(refused)
        }
    };
    match reply {
        Reply::Answer(answer) => Ok(answer.map(|body| Full::new(Bytes::from(body)))),
        Reply::Cut => Err(Cut),
        Reply::Held => match front.held.hold().await {},
    }
}
