package io.kveik.bench.check;

/**
 * Whether an assertion holds.
 *
 * @param text of the assertion
 * @param holds whether it does
 * @param measured the worst figure and where it was
 */
public record Verdict(String text, boolean holds, String measured) {}
