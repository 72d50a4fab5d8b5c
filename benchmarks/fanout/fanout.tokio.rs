//! Fan-out: one producer, many workers, one channel that they all receive from.
//! It measures the throughput of a channel under contention and how evenly the
//! scheduler shares the work out.
//!
//!     fanout WORKERS MESSAGES
//!
//! Fairness:
//! - The clock starts before the channels are made and stops when the producer and
//!   every worker have reported: after the last receive, not the last send.
//! - Tokio's own channels have one receiver, so the shared one is async-channel's.
//!   It is unbounded, as Seq's is: a send never waits.
//! - A worker yields after each message, as in Seq.
//! - The producer ends the work with one -1 for each worker instead of closing the
//!   channel, as in Seq.
//! - The producer counts what it sent and the workers what they received; `result`
//!   and `messages` agree only if no message was lost or delivered twice.

use std::time::Instant;

use async_channel::{Receiver, Sender, unbounded};
use protocol::{arguments, in_tokio, must, parse_count, print};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::yield_now;

const SENTINEL: i64 = -1;

async fn worker(inbox: Receiver<i64>, count: UnboundedSender<i64>) {
    let mut received = 0;
    while must(inbox.recv().await) >= 0 {
        received += 1;
        yield_now().await;
    }
    must(count.send(received));
}

async fn producer(workers: i64, messages: i64, inbox: Sender<i64>, report: UnboundedSender<i64>) {
    let mut sent = 0;
    while sent < messages {
        must(inbox.send(sent).await);
        sent += 1;
    }
    for _ in 0..workers {
        must(inbox.send(SENTINEL).await);
    }
    must(report.send(sent));
}

struct Outcome {
    sent: i64,
    reported: i64,
    total: i64,
    least: i64,
    most: i64,
}

/// Start everything and wait for every report.
async fn play(workers: i64, messages: i64) -> Outcome {
    let (outbox, inbox) = unbounded();
    let (count, mut counts) = unbounded_channel();
    for _ in 0..workers {
        tokio::spawn(worker(inbox.clone(), count.clone()));
    }
    let (report, mut reports) = unbounded_channel();
    tokio::spawn(producer(workers, messages, outbox, report));

    let mut outcome = Outcome {
        sent: must(reports.recv().await.ok_or("no report")),
        reported: 0,
        total: 0,
        least: messages, // no worker can have more than all messages
        most: 0,
    };
    while outcome.reported < workers {
        let received = must(counts.recv().await.ok_or("no report"));
        outcome.reported += 1;
        outcome.total += received;
        outcome.least = outcome.least.min(received);
        outcome.most = outcome.most.max(received);
    }
    outcome
}

fn main() {
    let [workers, messages] =
        arguments("fanout WORKERS MESSAGES (integers, 1 or more)", parse_count);

    let (outcome, elapsed) = in_tokio(async move {
        let start = Instant::now();
        let outcome = play(workers, messages).await;
        (outcome, start.elapsed())
    });

    let ledger = [
        ("tasks", outcome.reported + 1), // the producer has reported as well
        ("messages", outcome.sent),
        ("workers", outcome.reported),
        ("least", outcome.least),
        ("most", outcome.most),
    ];
    print(outcome.total, elapsed, &ledger);
}
