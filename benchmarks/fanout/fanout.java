// Fan-out: one producer, many workers, one queue that they all receive from. It
// measures the throughput of a queue under contention and how evenly the scheduler
// shares the work out.
//
//     fanout WORKERS MESSAGES
//
// Fairness:
//   - The clock starts before the queues are made and stops when the producer and every
//     worker have reported: after the last receive, not the last send. Nothing is run
//     before it to warm up.
//   - Seq's channels are unbounded, and so are these queues: a send never waits.
//   - A worker yields after each message, as in Seq: virtual threads are not preempted.
//   - The producer ends the work with one -1 for each worker, as in Seq.
//   - The producer counts what it sent and the workers what they received; result and
//     messages agree only if no message was lost or delivered twice.

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

final class fanout {
    private static final long SENTINEL = -1;

    private record Outcome(long sent, long reported, long total, long least, long most) {}

    private fanout() {}

    private static void worker(BlockingQueue<Long> inbox, BlockingQueue<Long> reports) {
        long received = 0;
        while (take(inbox) >= 0) {
            received++;
            Thread.yield();
        }
        put(reports, received);
    }

    private static void producer(long workers, long messages, BlockingQueue<Long> inbox, BlockingQueue<Long> report) {
        long sent = 0;
        while (sent < messages) {
            put(inbox, sent);
            sent++;
        }
        for (long worker = 0; worker < workers; worker++) {
            put(inbox, SENTINEL);
        }
        put(report, sent);
    }

    /** Starts everything and waits for every report. */
    private static Outcome play(long workers, long messages) {
        var inbox = new LinkedBlockingQueue<Long>();
        var reports = new LinkedBlockingQueue<Long>();
        var producerReport = new LinkedBlockingQueue<Long>();
        for (long worker = 0; worker < workers; worker++) {
            Thread.startVirtualThread(() -> worker(inbox, reports));
        }
        Thread.startVirtualThread(() -> producer(workers, messages, inbox, producerReport));

        long sent = take(producerReport);
        long reported = 0;
        long total = 0;
        long least = messages; // no worker can have more than all messages
        long most = 0;
        while (reported < workers) {
            long received = take(reports);
            reported++;
            total += received;
            least = Math.min(least, received);
            most = Math.max(most, received);
        }
        return new Outcome(sent, reported, total, least, most);
    }

    private static <T> void put(BlockingQueue<T> queue, T message) {
        try {
            queue.put(message);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    private static <T> T take(BlockingQueue<T> queue) {
        try {
            return queue.take();
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Returns a number of 1 or more, written plainly (no "007", no "+5"), or 0. */
    private static long parseCount(String text) {
        try {
            long number = Long.parseLong(text);
            return number >= 1 && Long.toString(number).equals(text) ? number : 0;
        } catch (NumberFormatException error) {
            return 0;
        }
    }

    public static void main(String[] arguments) {
        long workers = arguments.length == 2 ? parseCount(arguments[0]) : 0;
        long messages = arguments.length == 2 ? parseCount(arguments[1]) : 0;
        if (workers == 0 || messages == 0) {
            System.err.println("usage: fanout WORKERS MESSAGES (integers, 1 or more)");
            System.exit(2);
        }

        long start = System.nanoTime();
        Outcome outcome = play(workers, messages);
        long elapsed = System.nanoTime() - start;

        System.out.println("result: " + outcome.total());
        System.out.println("elapsed_ns: " + elapsed);
        System.out.println("tasks: " + (outcome.reported() + 1)); // the producer has reported as well
        System.out.println("messages: " + outcome.sent());
        System.out.println("workers: " + outcome.reported());
        System.out.println("least: " + outcome.least());
        System.out.println("most: " + outcome.most());
    }
}
