// The functions of Asio and Beast themselves, compiled here once for everybody.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
