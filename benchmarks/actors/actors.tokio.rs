//! Actors: many long-lived Tokio tasks, each with a channel of its own, to which one
//! driver sends message after message. It measures what a message to an actor costs
//! and at how many messages an actor has earned its start back.
//!
//!     actors ACTORS MESSAGES
//!
//! Fairness:
//! - The clock starts before the first channel is made and stops when the driver and
//!   every actor have reported: starting the actors is part of the time.
//! - The channels are unbounded, as Seq's are: a send never waits.
//! - The driver yields once after each pass over all actors, as in Seq, so that they
//!   can run between the passes.
//! - An actor knows how many messages it gets, so there is no sentinel.
//! - The driver counts what it sends and the collector the reports; the result holds
//!   only if every actor received each of its messages once.

use std::time::Instant;

use protocol::{arguments, in_tokio, must, parse_up_to_a_million, print};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::yield_now;

/// Add up the messages and report the sum.
async fn actor(messages: i64, mut inbox: UnboundedReceiver<i64>, report: UnboundedSender<i64>) {
    let mut sum = 0;
    for _ in 0..messages {
        sum += must(inbox.recv().await.ok_or("no message"));
    }
    must(report.send(sum));
}

/// Start all actors, then send each one the number of each pass.
async fn driver(
    actors: i64,
    messages: i64,
    sum: UnboundedSender<i64>,
    report: UnboundedSender<i64>,
) {
    let mut inboxes = Vec::new();
    for _ in 0..actors {
        let (outbox, inbox) = unbounded_channel();
        tokio::spawn(actor(messages, inbox, sum.clone()));
        inboxes.push(outbox);
    }
    let mut sent = 0;
    for pass in 1..=messages {
        for inbox in &inboxes {
            must(inbox.send(pass));
            sent += 1;
        }
        yield_now().await;
    }
    must(report.send(sent));
}

struct Outcome {
    sent: i64,
    reported: i64,
    total: i64,
}

/// Start the driver and wait for every report.
async fn play(actors: i64, messages: i64) -> Outcome {
    let (sum, mut sums) = unbounded_channel();
    let (report, mut reports) = unbounded_channel();
    tokio::spawn(driver(actors, messages, sum, report));

    let mut outcome = Outcome {
        sent: must(reports.recv().await.ok_or("no report")),
        reported: 0,
        total: 0,
    };
    while outcome.reported < actors {
        outcome.total += must(sums.recv().await.ok_or("no sum"));
        outcome.reported += 1;
    }
    outcome
}

fn main() {
    let [actors, messages] = arguments(
        "actors ACTORS MESSAGES (integers, 1 to 1000000)",
        parse_up_to_a_million,
    );

    let (outcome, elapsed) = in_tokio(async move {
        let start = Instant::now();
        let outcome = play(actors, messages).await;
        (outcome, start.elapsed())
    });

    let ledger = [
        ("tasks", outcome.reported + 1), // the driver has reported as well
        ("messages", outcome.sent + outcome.reported),
    ];
    print(outcome.total, elapsed, &ledger);
}
