// Sends one message with acknowledgement and prints: subprotocol, answer, close code.
const WebSocket = require("ws");

const [url, token, message] = process.argv.slice(2);
const socket = new WebSocket(url, ["iotplatform.ack"], { headers: { authorization: `Bearer ${token}` } });
let answer = "";
socket.on("open", () => socket.send(message));
socket.on("message", (data) => {
  answer = data.toString();
  socket.close(1000);
});
socket.on("close", (code) => console.log(socket.protocol, answer, code));
socket.on("error", (error) => console.log(`error ${error.message}`));
