/** Tests. */
@org.jspecify.annotations.NullMarked
package io.kveik.bench.store;
