/** Of the memory through which large blobs go to and from the disk, in bytes: few enough for thousands of readers, enough for few system calls. */
export const pieceSize = 256 * 1024;

/** Kept for whoever comes next: 8 MiB. */
const mostIdle = 32;
const idle: Buffer[] = [];

/** Memory of `pieceSize` bytes that may hold anything. What is not given back is collected as usual. */
export function takePiece(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(pieceSize);
}

/** For memory that surely nobody reads or writes any more, the kernel included. */
export function givePiece(piece: Buffer): void {
  if (idle.length < mostIdle) idle.push(piece);
}
