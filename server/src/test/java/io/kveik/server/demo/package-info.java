@NullMarked
package io.kveik.server.demo;

import org.jspecify.annotations.NullMarked;
