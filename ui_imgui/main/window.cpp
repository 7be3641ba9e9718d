#include "ui_imgui/main/window.hpp"

#include <GLFW/glfw3.h>

#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <cmath>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/main/fonts.hpp"

namespace landfall::ui {
namespace {

constexpr float kFontPixels = 16.0F;
// Below this the outbox between the two columns has no room.
constexpr int kWidthMin = 1280;
constexpr int kHeightMin = 800;

tl::unexpected<Error> unavailable() {
  const char* why = nullptr;
  (void)glfwGetError(&why);
  return failure(ErrorClass::refused, "window.unavailable",
                 why != nullptr ? why : "no window with OpenGL 3.2 can be opened");
}

GLFWwindow* create(const WindowOptions& options) {
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, options.follows_monitor ? GLFW_TRUE : GLFW_FALSE);
  GLFWwindow* window =
      glfwCreateWindow(options.width, options.height, "Landfall", nullptr, nullptr);
  if (window != nullptr)
    glfwSetWindowSizeLimits(window, kWidthMin, kHeightMin, GLFW_DONT_CARE, GLFW_DONT_CARE);
  return window;
}

Picture read_pixels(int width, int height) {
  Picture picture{width, height, {}};
  picture.rgb.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, picture.rgb.data());
  return picture;
}

void set_up_imgui(GLFWwindow* window, bool follows_monitor) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;
  float scale = 1.0F;
  if (follows_monitor) glfwGetWindowContentScale(window, &scale, nullptr);
  apply_theme(scale);
  add_font(std::round(kFontPixels * scale));
  ImGui_ImplGlfw_InitForOpenGL(window, true);
  ImGui_ImplOpenGL3_Init("#version 150");
}

}  // namespace

Result<std::unique_ptr<Window>> Window::open(const WindowOptions& options) {
  if (glfwInit() == GLFW_FALSE) return unavailable();
  GLFWwindow* window = create(options);
  if (window == nullptr) {
    auto error = unavailable();
    glfwTerminate();
    return error;
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(options.follows_monitor ? 1 : 0);
  set_up_imgui(window, options.follows_monitor);
  return std::unique_ptr<Window>(new Window(window));
}

Window::~Window() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(window_);
  glfwTerminate();
}

bool Window::should_close() const { return glfwWindowShouldClose(window_) != GLFW_FALSE; }

void Window::begin_frame() {
  glfwPollEvents();
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
}

void Window::end_frame(Picture* picture) {
  ImGui::Render();
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  glViewport(0, 0, width, height);
  glClearColor(0, 0, 0, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  if (picture != nullptr) *picture = read_pixels(width, height);
  glfwSwapBuffers(window_);
}

void Window::wait_for_input(double seconds_max) { glfwWaitEventsTimeout(seconds_max); }

double Window::seconds() const { return glfwGetTime(); }

}  // namespace landfall::ui
