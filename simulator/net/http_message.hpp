#pragma once

#include <string>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "engine/http/message.hpp"

namespace landfall::net {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastResponse = boost::beast::http::response<boost::beast::http::string_body>;
using BeastUpgrade = boost::beast::http::request<boost::beast::http::empty_body>;

// A request as the house knows it; headers keep their order.
[[nodiscard]] http::Request request_of(BeastRequest message);

// A response as the house knows it; headers keep their order.
[[nodiscard]] http::Response response_of(BeastResponse message);

// A GET that asks for another protocol, with its headers as they stand.
[[nodiscard]] BeastUpgrade upgrade_of(const http::Request& request);

// A response as it goes out. How long it is and whether the connection stays is said here: such
// headers of `response` are left out.
[[nodiscard]] BeastResponse message_of(http::Response response, unsigned version, bool keep_alive);

// The same as bytes.
[[nodiscard]] std::string bytes_of(const BeastResponse& message);

}  // namespace landfall::net
