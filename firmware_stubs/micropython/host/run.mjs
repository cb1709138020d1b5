// Runs the shelf's firmware under the real MicroPython VM: node run.mjs CONFIG.json [MAIN.py]
//
// The VM has no sockets and no pins. The module _host gives it both: TCP connections of this machine, and for each UART
// a TCP server on loopback, whose port is printed as one JSON line, {"uart": 1, "port": 40001}. Whoever connects there is
// the RFID module, byte for byte.

import { readFileSync, readdirSync } from "node:fs";
import { createServer, connect } from "node:net";
import { fileURLToPath } from "node:url";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const EAGAIN = 11;
const ECONNREFUSED = 111;
const sockets = [];
const uarts = new Map();

function take(chunks, size) {
  const all = Buffer.concat(chunks.splice(0));
  if (all.length > size) chunks.push(all.subarray(size));
  return new Uint8Array(all.subarray(0, size));
}

const host = {
  tcp_open(address, port) {
    const one = { socket: connect(port, address), open: false, ended: false, chunks: [] };
    one.socket.setNoDelay(true);
    one.socket.on("connect", () => (one.open = true));
    one.socket.on("data", (data) => one.chunks.push(data));
    one.socket.on("close", () => (one.ended = true));
    one.socket.on("error", () => (one.ended = true));
    return sockets.push(one) - 1;
  },
  tcp_send(number, hex) {
    const one = sockets[number];
    if (one.ended) return -ECONNREFUSED;
    if (!one.open || one.socket.writableLength > 65536) return -EAGAIN;
    one.socket.write(Buffer.from(hex, "hex"));
    return hex.length / 2;
  },
  tcp_recv(number, size) {
    const one = sockets[number];
    if (one.chunks.length > 0) return take(one.chunks, size);
    return one.ended ? new Uint8Array(0) : EAGAIN;
  },
  tcp_close(number) {
    sockets[number].socket.destroy();
    sockets[number] = { ended: true, open: false, chunks: [], socket: sockets[number].socket };
  },
  uart_open(number) {
    const uart = { chunks: [], module: null };
    uarts.set(number, uart);
    const server = createServer((socket) => {
      uart.module = socket;
      socket.on("data", (data) => uart.chunks.push(data));
      socket.on("error", () => {});
    });
    server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ uart: number, port: server.address().port })));
  },
  uart_read(number) {
    const uart = uarts.get(number);
    return uart.chunks.length > 0 ? take(uart.chunks, 2048) : null;
  },
  uart_write(number, hex) {
    uarts.get(number).module?.write(Buffer.from(hex, "hex"));
  },
  stop(status) {
    process.exit(status);
  },
};

const here = fileURLToPath(new URL(".", import.meta.url));
const vm = await loadMicroPython({ heapsize: 256 * 1024, stdout: (line) => console.log(line), linebuffer: true });
vm.FS.mkdir("/lib");
for (const [folder, target] of [[`${here}..`, "/"], [`${here}lib`, "/lib/"]]) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".py"))) {
    vm.FS.writeFile(target + name, readFileSync(`${folder}/${name}`));
  }
}
vm.FS.writeFile("/config.json", readFileSync(process.argv[2]));
if (process.argv[3]) vm.FS.writeFile("/main.py", readFileSync(process.argv[3]));
vm.registerJsModule("_host", host);

// The VM's asyncio runs on this process's event loop, so run() must not wait for its end.
await vm.runPythonAsync(`
import _host, asyncio, sys

async def guarded(work):
    try:
        await work
        _host.stop(0)
    except BaseException as error:
        sys.print_exception(error)
        _host.stop(1)

asyncio.run = lambda work: asyncio.create_task(guarded(work))
with open("/main.py") as file:
    exec(file.read())
`);
