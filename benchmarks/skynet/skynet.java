// Skynet: a tree of virtual threads, ten children a node. Each leaf reports its
// number to its parent, each node the sum of its children's reports. It measures
// what it costs to start a virtual thread, and to keep many alive.
//
//     skynet LEAVES
//
// Fairness:
//   - Every node of the tree is a virtual thread, the leaves too, and each inner
//     node has one queue for its ten children.
//   - The clock starts before the root is started and stops when main has its report,
//     which is the last message. Nothing is run before it to warm up the compiler of
//     the virtual machine: no program of the suite gets a first run for free.
//   - Seq's channels are unbounded, so a send must never wait here either: a queue
//     has room for all ten reports.
//   - The virtual threads are counted, not calculated: a report is the sum of the leaf
//     numbers and the number of nodes that it stands for.

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

final class skynet {
    private static final int CHILDREN = 10;
    private static final long MAX_LEAVES = 1_000_000;

    private record Report(long sum, long nodes) {}

    private skynet() {}

    /** This many leaves are under the node, numbered from first. */
    private static void node(BlockingQueue<Report> parent, long leaves, long first) {
        if (leaves == 1) {
            put(parent, new Report(first, 1));
            return;
        }
        var reports = new ArrayBlockingQueue<Report>(CHILDREN);
        long share = leaves / CHILDREN;
        for (int child = 0; child < CHILDREN; child++) {
            long start = first + child * share;
            Thread.startVirtualThread(() -> node(reports, share, start));
        }
        long sum = 0;
        long nodes = 1;
        for (int child = 0; child < CHILDREN; child++) {
            Report report = take(reports);
            sum += report.sum();
            nodes += report.nodes();
        }
        put(parent, new Report(sum, nodes));
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

    private static boolean isPowerOfTen(long number) {
        long power = 1;
        while (power < number) {
            power *= 10;
        }
        return power == number;
    }

    /**
     * Returns a power of ten from 1 to MAX_LEAVES, written plainly, or 0. With any other number
     * the division by ten would miss 1 and the tree would never end.
     */
    private static long parseLeaves(String text) {
        try {
            long number = Long.parseLong(text);
            boolean plain = Long.toString(number).equals(text) && number >= 1;
            return plain && number <= MAX_LEAVES && isPowerOfTen(number) ? number : 0;
        } catch (NumberFormatException error) {
            return 0;
        }
    }

    public static void main(String[] arguments) {
        long leaves = arguments.length == 1 ? parseLeaves(arguments[0]) : 0;
        if (leaves == 0) {
            System.err.println("usage: skynet LEAVES (a power of ten, 1 to 1000000)");
            System.exit(2);
        }

        long start = System.nanoTime();
        var root = new ArrayBlockingQueue<Report>(1);
        Thread.startVirtualThread(() -> node(root, leaves, 0));
        Report report = take(root);
        long elapsed = System.nanoTime() - start;

        System.out.println("result: " + report.sum());
        System.out.println("elapsed_ns: " + elapsed);
        System.out.println("tasks: " + report.nodes());
        System.out.println("messages: " + report.nodes()); // each node sends its one report
    }
}
