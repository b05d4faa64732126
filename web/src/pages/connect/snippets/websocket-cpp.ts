import { bareHost, payload, quoted, type SnippetInput } from './snippet';

export const webSocketCpp = (input: SnippetInput) => `// send.cpp: g++ send.cpp -o send (Debian: libboost-dev)
#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include <iostream>
#include <string>

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::asio::ip::tcp;

int main() {
  const std::string token =
      ${quoted(input.token)};

  boost::asio::io_context context;
  websocket::stream<tcp::socket> connection(context);
  tcp::resolver resolver(context);
  boost::asio::connect(connection.next_layer(), resolver.resolve(${quoted(bareHost(input))}, "${input.port}"));
  connection.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    request.set(beast::http::field::authorization, "Bearer " + token);
    request.set(beast::http::field::sec_websocket_protocol, "iotplatform.ack");
  }));
  connection.handshake(${quoted(`${input.host}:${input.port}`)}, "/");
  connection.write(boost::asio::buffer(std::string(${quoted(payload(input))})));
  beast::flat_buffer answer;
  connection.read(answer);
  std::cout << beast::make_printable(answer.data()) << "\\n";
  connection.close(websocket::close_code::normal);
}
`;
