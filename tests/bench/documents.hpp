#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace landfall::bench {

inline constexpr std::size_t kDocumentBytes = 1'000;

// The data of document `number`: compact JSON of exactly so many bytes, at least 200, and the same
// whenever it is made. It is a purchase order as the reference backend seeds them, with as many
// lines as fit and the rest as a remark. What is stored is compressed, so that what repeats in here
// has to be what repeats in such a document: names of members, and a few words.
[[nodiscard]] std::string document_data(std::size_t bytes, std::size_t number);

// Documents of kDocumentBytes, as many as tell nothing of one another: more of them begin again.
class DocumentShelf final {
 public:
  DocumentShelf();
  [[nodiscard]] const std::string& data_of(std::size_t number) const {
    return data_[number % data_.size()];
  }

 private:
  std::vector<std::string> data_;
};

}  // namespace landfall::bench
