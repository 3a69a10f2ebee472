//! Ctrl-C and SIGTERM: the first asks the run to start nothing new, the second ends it at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::Exit;
use crate::print;

/// Listens for the operator's wish to end.
pub(crate) struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
    /// Cancelled at the first signal.
    pub(crate) stop: CancellationToken,
}

/// The operator ended a command that had changed nothing yet.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; nothing was changed")]
pub(crate) struct Interrupted;

impl Interrupt {
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Ok(Interrupt {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            stop: CancellationToken::new(),
        })
    }

    /// Completes at the next signal.
    pub(crate) async fn signalled(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Drops `work` at the first signal: only for what changes nothing.
    pub(crate) async fn ends<Output>(
        &mut self,
        work: impl Future<Output = Output>,
    ) -> Result<Output, Interrupted> {
        tokio::select! {
            // A signal that came before the work was begun, or together with its end, counts.
            biased;
            () = self.signalled() => Err(Interrupted),
            output = work => Ok(output),
        }
    }

    /// The first signal stops the run; a second one ends the process.
    pub(crate) fn handle(&self) {
        if self.stop.is_cancelled() {
            std::process::exit(Exit::Interrupted.code().into());
        }
        self.stop.cancel();
        print::message(
            "interrupted: nothing new is started; what runs in AWS goes on there\n\
             once more ends rolecall at once",
        );
    }
}
