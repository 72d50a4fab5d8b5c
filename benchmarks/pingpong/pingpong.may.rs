//! Ping-pong: two coroutines pass messages back and forth over two channels, and
//! neither can go on before the other has answered. It measures the latency of a
//! channel together with the switch from one coroutine to the other.
//!
//!     pingpong ROUND_TRIPS
//!
//! This is pingpong.seq without Seq: the same library, with Seq's settings.
//!
//! Fairness:
//! - Both sides are spawned, as in Seq.
//! - The clock starts before the channels are made and stops when both sides have
//!   reported, so it spans every message.
//! - Each side counts what it receives: the result and the messages are counted.
//! - The channels are the unbounded MPMC ones that Seq's are made of.

use std::time::Instant;

use may::go;
use may::sync::mpmc::{Receiver, Sender, channel};
use protocol::{arguments, in_may, must, parse_count, print};

/// Send, then wait for the answer.
fn pinger(rounds: i64, pings: &Sender<i64>, pongs: &Receiver<i64>) -> i64 {
    let mut received = 0;
    while received < rounds {
        must(pings.send(received));
        must(pongs.recv());
        received += 1;
    }
    received
}

/// Wait, then answer.
fn ponger(rounds: i64, pings: &Receiver<i64>, pongs: &Sender<i64>) -> i64 {
    let mut received = 0;
    while received < rounds {
        must(pings.recv());
        received += 1;
        must(pongs.send(received));
    }
    received
}

/// Start both sides and wait for both reports: the pings and the pongs received.
fn play(rounds: i64) -> (i64, i64) {
    let (ping, pings) = channel();
    let (pong, pongs) = channel();
    let (pinger_report, pinger_reports) = channel();
    let (ponger_report, ponger_reports) = channel();
    go!(move || must(pinger_report.send(pinger(rounds, &ping, &pongs))));
    go!(move || must(ponger_report.send(ponger(rounds, &pings, &pong))));
    (must(ponger_reports.recv()), must(pinger_reports.recv()))
}

fn main() {
    let [rounds] = arguments("pingpong ROUND_TRIPS (an integer, 1 or more)", parse_count);

    let ((pings, pongs), elapsed) = in_may(move || {
        let start = Instant::now();
        let counts = play(rounds);
        (counts, start.elapsed())
    });

    // A round trip ends with its pong; there is a task for each of the two reports.
    print(pongs, elapsed, &[("tasks", 2), ("messages", pings + pongs)]);
}
