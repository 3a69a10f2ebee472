//! `simulate`: serves a simulated organization on loopback.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use org_simulator::{AccessKey, Options, Pace, Simulator, serve};
use tokio::net::TcpListener;

use crate::arguments::SimulateArguments;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::print;
use crate::simulated::{from_file, read_faults};

/// The account that a simulation without an organization begins with.
const FIRST_ACCOUNT: &str = "111111111111";

pub(crate) async fn run(asked: &SimulateArguments) -> anyhow::Result<Exit> {
    let mut simulator = match (&asked.organization, asked.shape) {
        (Some(path), _) => from_file(path)?,
        (None, Some(shape)) => Simulator::from_shape(shape),
        (None, None) => Simulator::new(&Options::default()),
    };
    if let Some(path) = &asked.faults {
        simulator.add_faults(read_faults(path)?);
    }
    let pace = Pace { speed: asked.speed, per_call: asked.per_call };
    let account = simulator.management_account().unwrap_or(FIRST_ACCOUNT).to_owned();
    let key = simulator.access_key(&account).context("the simulation has no account to sign in to")?;
    let AccessKey { access_key_id: key, secret_access_key: secret } = key;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, asked.port)).await;
    let listener = listener.with_context(|| format!("could not listen on 127.0.0.1:{}", asked.port))?;
    let address = listener.local_addr()?;
    print::result(&format!("http://{address}\n"))?;
    print::message(&format!(
        "a simulated organization is at http://{address}, {} virtual seconds to the second\n\
         in another shell:\n  \
         export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} AWS_REGION=us-east-1\n  \
         aws --endpoint-url http://{address} organizations list-accounts\n\
         calls so far: http://{address}/_simulator/calls    Ctrl-C ends it and forgets everything",
        pace.speed,
    ));
    let mut interrupt = Interrupt::listen()?;
    serve(listener, Arc::new(Mutex::new(simulator)), pace, async move { interrupt.signalled().await })
        .await?;
    Ok(Exit::AsSpecified)
}
