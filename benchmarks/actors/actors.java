// Actors: many long-lived virtual threads, each with a queue of its own, to which one
// driver sends message after message. It measures what a message to an actor costs and
// at how many messages an actor has earned its start back.
//
//     actors ACTORS MESSAGES
//
// Fairness:
//   - The clock starts before the first queue is made and stops when the driver and
//     every actor have reported: starting the actors is part of the time. Nothing is run
//     before it to warm up.
//   - Seq's channels are unbounded, and so are these queues: a send never waits.
//   - The driver yields once after each pass over all actors, as in Seq, so that they
//     can run between the passes.
//   - An actor knows how many messages it gets, so there is no sentinel.
//   - The driver counts what it sends and main the reports; the result holds only if
//     every actor received each of its messages once.

import java.util.ArrayList;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

final class actors {
    private static final long MAX_COUNT = 1_000_000;

    private record Outcome(long sent, long reported, long total) {}

    private actors() {}

    /** Adds up its messages and reports the sum. */
    private static void actor(long messages, BlockingQueue<Long> inbox, BlockingQueue<Long> sums) {
        long sum = 0;
        for (long left = messages; left > 0; left--) {
            sum += take(inbox);
        }
        put(sums, sum);
    }

    /** Starts all actors, then sends each one the number of each pass. */
    private static void driver(long actors, long messages, BlockingQueue<Long> sums, BlockingQueue<Long> report) {
        var inboxes = new ArrayList<BlockingQueue<Long>>();
        for (long actor = 0; actor < actors; actor++) {
            var inbox = new LinkedBlockingQueue<Long>();
            inboxes.add(inbox);
            Thread.startVirtualThread(() -> actor(messages, inbox, sums));
        }
        long sent = 0;
        for (long pass = 1; pass <= messages; pass++) {
            for (var inbox : inboxes) {
                put(inbox, pass);
                sent++;
            }
            Thread.yield();
        }
        put(report, sent);
    }

    /** Starts the driver and waits for every report. */
    private static Outcome play(long actors, long messages) {
        var sums = new LinkedBlockingQueue<Long>();
        var report = new LinkedBlockingQueue<Long>();
        Thread.startVirtualThread(() -> driver(actors, messages, sums, report));

        long sent = take(report);
        long reported = 0;
        long total = 0;
        while (reported < actors) {
            total += take(sums);
            reported++;
        }
        return new Outcome(sent, reported, total);
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

    /**
     * Returns a number from 1 to MAX_COUNT, written plainly (no "007", no "+5"), or 0. With larger
     * ones the result would not fit Seq's integers of 63 bits.
     */
    private static long parseCount(String text) {
        try {
            long number = Long.parseLong(text);
            boolean plain = number >= 1 && Long.toString(number).equals(text);
            return plain && number <= MAX_COUNT ? number : 0;
        } catch (NumberFormatException error) {
            return 0;
        }
    }

    public static void main(String[] arguments) {
        long actors = arguments.length == 2 ? parseCount(arguments[0]) : 0;
        long messages = arguments.length == 2 ? parseCount(arguments[1]) : 0;
        if (actors == 0 || messages == 0) {
            System.err.println("usage: actors ACTORS MESSAGES (integers, 1 to 1000000)");
            System.exit(2);
        }

        long start = System.nanoTime();
        Outcome outcome = play(actors, messages);
        long elapsed = System.nanoTime() - start;

        System.out.println("result: " + outcome.total());
        System.out.println("elapsed_ns: " + elapsed);
        System.out.println("tasks: " + (outcome.reported() + 1)); // the driver has reported as well
        System.out.println("messages: " + (outcome.sent() + outcome.reported()));
    }
}
