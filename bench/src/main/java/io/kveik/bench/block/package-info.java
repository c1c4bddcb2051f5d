/**
 * What benchmark blocks hold: tokens, labels and payloads that follow from a block's number, so
 * that any process can make them again and compare.
 */
@NullMarked
package io.kveik.bench.block;

import org.jspecify.annotations.NullMarked;
