//! What the Rust programs of the suite share: arguments in, `key: value` lines
//! out, and the two libraries with the settings that they are measured with.

use std::env;
use std::fmt::Display;
use std::io::{self, Write};
use std::process;
use std::time::Duration;

/// End the program with a line on standard error. It must not panic when that
/// cannot be written, as `eprintln!` does.
fn end(status: i32, message: &str) -> ! {
    let _ = writeln!(io::stderr(), "{message}");
    process::exit(status)
}

/// Take what a channel gives. No failure is dropped: a run that lost a message
/// prints no time.
pub fn must<T, E: Display>(outcome: Result<T, E>) -> T {
    outcome.unwrap_or_else(|error| end(1, &error.to_string()))
}

/// Give the arguments of the program, or end it with its usage.
pub fn arguments<const N: usize>(usage: &str, parse: fn(&str) -> Option<i64>) -> [i64; N] {
    env::args_os()
        .skip(1)
        .map(|text| text.to_str().and_then(parse))
        .collect::<Option<Vec<_>>>()
        .and_then(|values| values.try_into().ok())
        .unwrap_or_else(|| end(2, &format!("usage: {usage}")))
}

/// A number of 1 or more, written plainly: no "007", no "+5".
pub fn parse_count(text: &str) -> Option<i64> {
    let number = text.parse::<i64>().ok()?;
    (number >= 1 && number.to_string() == text).then_some(number)
}

/// A count up to 1,000,000, so that one times the square of another fits Seq's
/// integers of 63 bits.
pub fn parse_up_to_a_million(text: &str) -> Option<i64> {
    parse_count(text).filter(|number| *number <= 1_000_000)
}

/// Print the result, the time and the ledger of a run.
pub fn print(result: i64, elapsed: Duration, ledger: &[(&str, i64)]) {
    let mut lines = format!("result: {result}\nelapsed_ns: {}\n", elapsed.as_nanos());
    for (key, value) in ledger {
        lines += &format!("{key}: {value}\n");
    }
    must(io::stdout().write_all(lines.as_bytes()));
}

fn setting(name: &str, default: usize) -> usize {
    match env::var_os(name) {
        None => default,
        Some(text) => text
            .to_str()
            .and_then(parse_count)
            .and_then(|number| number.try_into().ok())
            .unwrap_or_else(|| end(2, &format!("{name} must be an integer, 1 or more"))),
    }
}

/// Do the work in a coroutine of `may`, set up as Seq sets it up: Seq's `main` is
/// a strand too. What `may` does once, at its first coroutine (starting its
/// threads, mapping the pooled stacks), is over before the work begins, as in Seq.
pub fn in_may<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    may::config()
        .set_stack_size(setting("MAY_STACK_SIZE", 0x20000)) // in words: 1 MiB
        .set_pool_capacity(setting("MAY_POOL_CAPACITY", 10_000));
    must(may::go!(work).join().map_err(|_| "the work panicked"))
}

/// Do the work in a task of Tokio's multi-threaded runtime, as it comes. What
/// `block_on` runs is on a thread of its own, outside the pool, where every
/// message to the work would have to cross threads.
pub fn in_tokio<F>(work: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let runtime = must(tokio::runtime::Runtime::new());
    must(runtime.block_on(runtime.spawn(work)))
}
