//! Ping-pong: two Tokio tasks pass messages back and forth over two channels, and
//! neither can go on before the other has answered. It measures the latency of a
//! channel together with the switch from one task to the other.
//!
//!     pingpong ROUND_TRIPS
//!
//! Fairness:
//! - Both sides are spawned, as in Seq. A side in the future of `block_on` would be
//!   on a thread outside the pool, and every message would cross threads.
//! - The clock starts before the channels are made and stops when both sides have
//!   reported, so it spans every message.
//! - Each side counts what it receives: the result and the messages are counted.
//! - The channels are unbounded, as Seq's are: a send never waits.

use std::time::Instant;

use protocol::{arguments, in_tokio, must, parse_count, print};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Send, then wait for the answer.
async fn pinger(
    rounds: i64,
    pings: UnboundedSender<i64>,
    mut pongs: UnboundedReceiver<i64>,
    report: UnboundedSender<i64>,
) {
    let mut received = 0;
    while received < rounds {
        must(pings.send(received));
        must(pongs.recv().await.ok_or("no pong"));
        received += 1;
    }
    must(report.send(received));
}

/// Wait, then answer.
async fn ponger(
    rounds: i64,
    mut pings: UnboundedReceiver<i64>,
    pongs: UnboundedSender<i64>,
    report: UnboundedSender<i64>,
) {
    let mut received = 0;
    while received < rounds {
        must(pings.recv().await.ok_or("no ping"));
        received += 1;
        must(pongs.send(received));
    }
    must(report.send(received));
}

/// Start both sides and wait for both reports: the pings and the pongs received.
async fn play(rounds: i64) -> (i64, i64) {
    let (ping, pings) = unbounded_channel();
    let (pong, pongs) = unbounded_channel();
    let (pinger_report, mut pinger_reports) = unbounded_channel();
    let (ponger_report, mut ponger_reports) = unbounded_channel();
    tokio::spawn(pinger(rounds, ping, pongs, pinger_report));
    tokio::spawn(ponger(rounds, pings, pong, ponger_report));
    (
        must(ponger_reports.recv().await.ok_or("no report")),
        must(pinger_reports.recv().await.ok_or("no report")),
    )
}

fn main() {
    let [rounds] = arguments("pingpong ROUND_TRIPS (an integer, 1 or more)", parse_count);

    let ((pings, pongs), elapsed) = in_tokio(async move {
        let start = Instant::now();
        let counts = play(rounds).await;
        (counts, start.elapsed())
    });

    // A round trip ends with its pong; there is a task for each of the two reports.
    print(pongs, elapsed, &[("tasks", 2), ("messages", pings + pongs)]);
}
