//! The two fronts: the SDK's HTTP client, and loopback HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sts::error::ProvideErrorMetadata;
use org_simulator::{Options, Pace, ServeError, Shape, Simulator, in_process, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::client::{MANAGEMENT, admin};

fn simulator() -> Arc<Mutex<Simulator>> {
    Arc::new(Mutex::new(Simulator::new(&Options::default())))
}

fn sts(
    simulator: &Arc<Mutex<Simulator>>,
    latency: Duration,
    credentials: Credentials,
) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .http_client(in_process(Arc::clone(simulator), latency))
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

#[tokio::test(start_paused = true)]
async fn the_sdk_repeats_a_call_whose_answer_is_lost() {
    let simulator = simulator();
    let list = "calls: [{ operation: '*', nth: 1, effect: lose-response }]".parse().unwrap();
    simulator.lock().unwrap().add_faults(list);
    let credentials = Credentials::new(admin(MANAGEMENT).id, "simulated", None, None, "test");
    let client = sts(&simulator, Duration::ZERO, credentials);
    let identity = client.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(MANAGEMENT));
    assert_eq!(simulator.lock().unwrap().calls()["sts:GetCallerIdentity"], 2);
}

#[tokio::test(start_paused = true)]
async fn the_sdk_talks_to_the_simulator_without_sockets_and_in_virtual_time() {
    let simulator = simulator();
    let key = simulator.lock().unwrap().access_key(MANAGEMENT).unwrap();
    let credentials = Credentials::new(key.access_key_id, key.secret_access_key, None, None, "test");
    let client = sts(&simulator, Duration::from_secs(2), credentials);
    let before = Instant::now();
    let identity = client.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(MANAGEMENT));
    assert_eq!(before.elapsed(), Duration::from_secs(2));
    assert_eq!(simulator.lock().unwrap().calls()["sts:GetCallerIdentity"], 1);

    let refused = client.assume_role().role_arn("arn:aws:iam::111111111111:role/No").role_session_name("me");
    let error = refused.send().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"));
    assert!(error.message().unwrap().contains("is not authorized to perform: sts:AssumeRole"));
}

#[tokio::test(start_paused = true)]
async fn the_latency_of_a_shape_is_added_to_that_of_the_front() {
    let shape: Shape = "accounts=1,latency=50ms".parse().unwrap();
    let simulator = Arc::new(Mutex::new(Simulator::from_shape(shape)));
    let credentials = Credentials::new(admin(MANAGEMENT).id, "simulated", None, None, "test");
    let client = sts(&simulator, Duration::from_millis(7), credentials);
    let before = Instant::now();
    client.get_caller_identity().send().await.unwrap();
    assert_eq!(before.elapsed(), Duration::from_millis(57));
}

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<Result<(), ServeError>>,
}

async fn served() -> Served {
    served_at(simulator(), Pace::of(1.0)).await
}

async fn served_at(simulator: Arc<Mutex<Simulator>>, pace: Pace) -> Served {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    #[expect(clippy::disallowed_methods, reason = "the test joins the task after stopping it")]
    let serving = tokio::spawn(serve(listener, simulator, pace, shutdown));
    Served { address, stop, serving }
}

/// One request on a connection that stays open: status and body.
async fn exchange(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String) {
    let length = body.len();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "the connection was closed");
        received.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8(received.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            return (head[9..12].parse().unwrap(), body.to_owned());
        }
    }
}

#[tokio::test]
async fn calls_are_counted_and_the_clock_is_stepped_over_http() {
    let Served { address, stop, serving } = served().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let credential = format!("Credential={}/20260101/us-east-1/sts/aws4_request", admin(MANAGEMENT).id);
    let signed = format!("authorization: AWS4-HMAC-SHA256 {credential}, Signature=0\r\n");
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    for _ in 0..3 {
        assert_eq!(exchange(&mut stream, "POST", "/", &signed, body).await.0, 200);
    }
    let (_, calls) = exchange(&mut stream, "GET", "/_simulator/calls", "", "").await;
    assert_eq!(serde_json::from_str::<Value>(&calls).unwrap(), json!({"sts:GetCallerIdentity": 3}));
    exchange(&mut stream, "DELETE", "/_simulator/calls", "", "").await;
    assert_eq!(exchange(&mut stream, "GET", "/_simulator/calls", "", "").await.1, "{}");

    let now = |answer: String| -> jiff::Timestamp {
        serde_json::from_str::<Value>(&answer).unwrap()["now"].as_str().unwrap().parse().unwrap()
    };
    let before = now(exchange(&mut stream, "POST", "/_simulator/advance", "", "{\"seconds\": 0}").await.1);
    let after = now(exchange(&mut stream, "POST", "/_simulator/advance", "", "{\"seconds\": 3600}").await.1);
    assert!((3600..3660).contains(&after.duration_since(before).as_secs()));
    assert_eq!(exchange(&mut stream, "POST", "/_simulator/advance", "", "{}").await.0, 400);

    assert_eq!(exchange(&mut stream, "GET", "/_simulator/throttled", "", "").await, (200, "{}".to_owned()));
    assert_eq!(exchange(&mut stream, "DELETE", "/_simulator/throttled", "", "").await.0, 405);
    let (_, accounts) = exchange(&mut stream, "GET", "/_simulator/accounts", "", "").await;
    let accounts: Value = serde_json::from_str(&accounts).unwrap();
    assert_eq!(accounts[0]["access_key_id"], format!("AKIASIMU{MANAGEMENT}"));
    assert_eq!(exchange(&mut stream, "GET", "/_simulator/nothing", "", "").await.0, 404);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

/// A request for `GetCallerIdentity` as the management account.
fn asking_who() -> String {
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let credential = format!("Credential={}/20260101/us-east-1/sts/aws4_request", admin(MANAGEMENT).id);
    format!(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nauthorization: AWS4-HMAC-SHA256 {credential}, Signature=0\r\n\r\n{body}",
        body.len(),
    )
}

/// Whether nothing has come back on a connection that is open.
fn waits(stream: &TcpStream) -> bool {
    stream.try_read(&mut [0; 64]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn answers_that_take_long_are_on_their_way_at_the_same_time() {
    let shape: Shape = "accounts=1,latency=1h".parse().unwrap();
    let slow = Arc::new(Mutex::new(Simulator::from_shape(shape)));
    let Served { address, stop, serving } = served_at(slow, Pace::of(1.0)).await;
    let mut control = TcpStream::connect(address).await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..256 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(asking_who().as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    // What is no call to AWS is answered at once, and says that every call was carried out.
    let expected = r#"{"sts:GetCallerIdentity":256}"#;
    assert!(comes_to(&mut control, "/_simulator/calls", expected).await);
    assert!(waiting.iter().all(waits));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn virtual_time_passes_with_every_aws_call_and_with_no_other_request() {
    let Served { address, stop, serving } = served_at(simulator(), Pace { speed: 1e-9, per_call: 2.5 }).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut now = async |calls: u32| -> jiff::Timestamp {
        for _ in 0..calls {
            // Whether a call is signed well or not, it took its time.
            exchange(&mut stream, "POST", "/", "", "Action=GetCallerIdentity&Version=2011-06-15").await;
        }
        let (_, told) = exchange(&mut stream, "POST", "/_simulator/advance", "", "{\"seconds\": 0}").await;
        serde_json::from_str::<Value>(&told).unwrap()["now"].as_str().unwrap().parse().unwrap()
    };
    let began = now(0).await;
    assert_eq!(now(4).await.duration_since(began).as_secs(), 10);
    assert_eq!(now(0).await.duration_since(began).as_secs(), 10);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

/// Whether anything at all comes back on the connection before its end; a request that is held is not waited for.
async fn is_closed_without_a_word(stream: &mut TcpStream) -> bool {
    stream.read(&mut [0; 64]).await.unwrap_or_default() == 0
}

/// Asks until the answer is this, or so often that it will never be.
async fn comes_to(control: &mut TcpStream, path: &str, answer: &str) -> bool {
    for _ in 0..10_000 {
        if exchange(control, "GET", path, "", "").await.1 == answer {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn faults_come_and_go_over_http_and_cut_or_hold_connections() {
    let Served { address, stop, serving } = served().await;
    let connect = async || TcpStream::connect(address).await.unwrap();
    let mut control = connect().await;
    let list = r#"{"calls": [{"operation": "sts:*", "nth": 1, "effect": "lose-response"},
                             {"operation": "sts:*", "nth": 2, "effect": "hold-after"}]}"#;
    assert_eq!(exchange(&mut control, "POST", "/_simulator/faults", "", list).await.0, 200);
    let (status, told) = exchange(&mut control, "POST", "/_simulator/faults", "", r#"{"cals": []}"#).await;
    assert!(status == 400 && told.contains("unknown field `cals`"), "{told}");

    let request = asking_who();
    let mut cut = connect().await;
    cut.write_all(request.as_bytes()).await.unwrap();
    assert!(is_closed_without_a_word(&mut cut).await);

    let mut held = connect().await;
    held.write_all(request.as_bytes()).await.unwrap();
    assert!(comes_to(&mut control, "/_simulator/held", "1").await);
    assert!(waits(&held));
    drop(held);
    assert!(comes_to(&mut control, "/_simulator/held", "0").await);

    let (_, shown) = exchange(&mut control, "GET", "/_simulator/faults", "", "").await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["calls"][0]["struck"], &shown["calls"][1]["struck"]), (&json!(1), &json!(1)));
    exchange(&mut control, "DELETE", "/_simulator/faults", "", "").await;
    let (_, shown) = exchange(&mut control, "GET", "/_simulator/faults", "", "").await;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap()["calls"], json!([]));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn only_the_loopback_interface_is_served() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let refused = serve(listener, simulator(), Pace::of(1.0), std::future::ready(())).await;
    assert!(matches!(refused, Err(ServeError::NotLoopback(_))), "{refused:?}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let refused = serve(listener, simulator(), Pace::of(0.0), std::future::ready(())).await;
    assert!(matches!(refused, Err(ServeError::Speed(_))), "{refused:?}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let backwards = Pace { speed: 1.0, per_call: -1.0 };
    let refused = serve(listener, simulator(), backwards, std::future::ready(())).await;
    assert!(matches!(refused, Err(ServeError::PerCall(_))), "{refused:?}");
}
