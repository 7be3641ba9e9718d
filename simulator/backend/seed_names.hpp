#pragma once

#include <array>
#include <string_view>

namespace landfall::backend {

// What purchase orders are about, in the seed data and wherever else documents like them are made.
inline constexpr std::array<std::string_view, 6> kVendorNames{
    "Bharat Steel Works", "Coastal Cement",  "Deccan Electricals",
    "Himal Timber",       "Indus Logistics", "Konkan Paints"};
inline constexpr std::array<std::string_view, 8> kMaterials{
    "Steel bar 12 mm", "Cement OPC 53",       "Copper cable 4 mm", "Teak plank",
    "Safety helmet",   "Emulsion paint 20 l", "Gravel 20 mm",      "PVC pipe 110 mm"};
inline constexpr std::array<std::string_view, 4> kProjects{"Harbour Bridge", "Metro Depot",
                                                           "Solar Park", "Hospital Wing"};

}  // namespace landfall::backend
