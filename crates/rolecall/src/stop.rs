//! Stops in AWS what an interrupted run has begun there.

use stackset_deployer::{DeployError, attach, stop_operation};
use tokio_util::sync::CancellationToken;

use crate::observed::wanted;
use crate::prepare::Prepared;
use crate::resume::open_steps;
use crate::run::Run;
use crate::{phase, print};

/// Stops the operations of the steps that are open, and waits until AWS has finished what it was at work on. Another
/// signal ends the program.
pub(crate) async fn stop_operations(prepared: &mut Prepared, run: &mut Run) {
    if let Err(error) = try_to_stop(prepared, run).await {
        let error = anyhow::Error::from(error);
        print::message(&format!("warning: the operation goes on in AWS: {error:#}"));
    }
}

async fn try_to_stop(prepared: &mut Prepared, run: &mut Run) -> Result<(), DeployError> {
    let Prepared { aws, rollout, clock, interrupt, .. } = prepared;
    let (client, wanted) = (&aws.cloudformation, wanted(&rollout.spec));
    // The run was asked to stop already: this is what it does instead of going on.
    let until_the_end = CancellationToken::new();
    for step in open_steps(run.reporter.state()) {
        let Some(operation) = &step.operation else { continue };
        let followed = phase::record(&mut run.reporter, clock, interrupt, async |events| {
            if stop_operation(client, wanted, operation).await? {
                print::message(&format!(
                    "operation {operation} is stopped: what it is at work on is finished, the rest is cancelled"
                ));
            }
            attach(client, wanted, &step, &events, &until_the_end).await
        });
        followed.await?;
    }
    Ok(())
}
