#include "tests/actors/transport/certificates.hpp"

#include <array>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "engine/base/assert.hpp"

namespace landfall::testing {
namespace {

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  LANDFALL_ASSERT(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Not yet signed.
Certificate make_unsigned(const std::string& name, long begins_in_s, long ends_in_s) {
  static long serial = 0;
  Certificate made{OpenSsl<X509>(X509_new()),
                   OpenSsl<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"))};
  X509* const certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begins_in_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), ends_in_s);
  X509_set_pubkey(certificate, made.key.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, text, -1, -1,
                             0);
  return made;
}

void sign(const Certificate& certificate, const Certificate& authority) {
  X509_set_issuer_name(certificate.certificate.get(),
                       X509_get_subject_name(authority.certificate.get()));
  LANDFALL_ASSERT(X509_sign(certificate.certificate.get(), authority.key.get(), EVP_sha256()) > 0);
}

}  // namespace

std::string Certificate::pem() const {
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

Certificate make_authority(const std::string& name) {
  Certificate authority = make_unsigned(name, -7'200, 7'200);
  X509* const certificate = authority.certificate.get();
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  sign(authority, authority);
  return authority;
}

Certificate make_certificate(const Certificate& authority, const CertificateWishes& wishes) {
  Certificate made = make_unsigned("server", wishes.begins_in_s, wishes.ends_in_s);
  X509* const certificate = made.certificate.get();
  add_extension(certificate, authority.certificate.get(), NID_subject_alt_name,
                wishes.alternative_names);
  add_extension(certificate, authority.certificate.get(), NID_ext_key_usage, "serverAuth");
  sign(made, authority);
  return made;
}

OpenSsl<SSL_CTX> server_context(const Certificate& certificate) {
  OpenSsl<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  LANDFALL_ASSERT(SSL_CTX_use_certificate(context.get(), certificate.certificate.get()) == 1);
  LANDFALL_ASSERT(SSL_CTX_use_PrivateKey(context.get(), certificate.key.get()) == 1);
  return context;
}

OpenSsl<SSL> accept_tls(SSL_CTX& context, const Peer& peer) {
  OpenSsl<SSL> ssl(SSL_new(&context));
  SSL_set_fd(ssl.get(), peer.descriptor());
  const bool accepted = SSL_accept(ssl.get()) == 1;
  ERR_clear_error();
  if (!accepted) ssl.reset();
  return ssl;
}

std::string read_some(SSL& ssl) {
  std::array<char, 4'096> buffer{};
  const int got = SSL_read(&ssl, buffer.data(), static_cast<int>(buffer.size()));
  ERR_clear_error();
  return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string{};
}

std::string read_head(SSL& ssl) {
  std::string text;
  while (text.find("\r\n\r\n") == std::string::npos) {
    const std::string more = read_some(ssl);
    if (more.empty()) break;
    text += more;
  }
  return text;
}

void write_all(SSL& ssl, const std::string& text) {
  SSL_write(&ssl, text.data(), static_cast<int>(text.size()));
  ERR_clear_error();
}

}  // namespace landfall::testing
