//! Serves an organization file on a loopback port: `serve PORT [ORGANIZATION.yaml | accounts=N,ous=M] [SPEED]`.
//! Without a file it is an account outside any organization.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use org_simulator::{Options, Pace, Simulator, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().as_deref().unwrap_or("4599").parse()?;
    let simulator = match arguments.next() {
        None => Simulator::new(&Options::default()),
        Some(shape) if shape.contains('=') => Simulator::from_shape(shape.parse()?),
        Some(file) if file == "-" => Simulator::new(&Options::default()),
        Some(file) => Simulator::from_yaml(&std::fs::read_to_string(file)?)?,
    };
    let speed: f64 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    serve(listener, Arc::new(Mutex::new(simulator)), Pace::of(speed), std::future::pending()).await?;
    Ok(())
}
