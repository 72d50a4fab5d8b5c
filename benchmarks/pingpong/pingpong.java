// Ping-pong: two virtual threads pass messages back and forth over two queues, and
// neither can go on before the other has answered. It measures the latency of a queue
// together with the switch from one virtual thread to the other.
//
//     pingpong ROUND_TRIPS
//
// Fairness:
//   - Both sides are virtual threads, as both are spawned in Seq. If main were one of
//     them, every message would cross from its platform thread to another.
//   - The clock starts before the queues are made and stops when both sides have
//     reported, so it spans every message. Nothing is run before it to warm up.
//   - Each side counts what it receives: the result and the messages are counted.
//   - Seq's channels are unbounded, so a send must never wait here either: room for
//     one message is enough, because no side sends twice without receiving.

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

final class pingpong {
    private record Counts(long pings, long pongs) {}

    private pingpong() {}

    /** Sends, then waits for the answer. */
    private static void pinger(
            long rounds, BlockingQueue<Long> pings, BlockingQueue<Long> pongs, BlockingQueue<Long> report) {
        long received = 0;
        while (received < rounds) {
            put(pings, received);
            take(pongs);
            received++;
        }
        put(report, received);
    }

    /** Waits, then answers. */
    private static void ponger(
            long rounds, BlockingQueue<Long> pings, BlockingQueue<Long> pongs, BlockingQueue<Long> report) {
        long received = 0;
        while (received < rounds) {
            take(pings);
            received++;
            put(pongs, received);
        }
        put(report, received);
    }

    /** Starts both sides and waits for both reports. */
    private static Counts play(long rounds) {
        var pings = new ArrayBlockingQueue<Long>(1);
        var pongs = new ArrayBlockingQueue<Long>(1);
        var pingerReport = new ArrayBlockingQueue<Long>(1);
        var pongerReport = new ArrayBlockingQueue<Long>(1);
        Thread.startVirtualThread(() -> pinger(rounds, pings, pongs, pingerReport));
        Thread.startVirtualThread(() -> ponger(rounds, pings, pongs, pongerReport));
        return new Counts(take(pongerReport), take(pingerReport));
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
        long rounds = arguments.length == 1 ? parseCount(arguments[0]) : 0;
        if (rounds == 0) {
            System.err.println("usage: pingpong ROUND_TRIPS (an integer, 1 or more)");
            System.exit(2);
        }

        long start = System.nanoTime();
        Counts counts = play(rounds);
        long elapsed = System.nanoTime() - start;

        System.out.println("result: " + counts.pongs()); // a round trip ends with its pong
        System.out.println("elapsed_ns: " + elapsed);
        System.out.println("tasks: " + 2); // one for each of the two reports
        System.out.println("messages: " + (counts.pings() + counts.pongs()));
    }
}
